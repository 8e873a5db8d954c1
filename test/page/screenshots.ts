import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { openPage, signUp } from './browser.ts'
import { logInClient } from './client.ts'

const WIDTHS = {
  360: { width: 360, height: 780 },
  1440: { width: 1440, height: 900 },
  3840: { width: 3840, height: 2160 },
}
const SCHEMES = ['light', 'dark'] as const
const TASK_MS = 120_000

type Stage = { url: string; clip: string; dir: string }
type Take = (name: string, options?: { fullPage: boolean }) => Promise<void>

/** Takes every view in both themes and at three widths; the dark ones in Spanish but for those of the usual width. */
export async function takeScreenshots(browser: Browser, stage: Stage): Promise<void> {
  for (const colorScheme of SCHEMES) {
    for (const [width, viewport] of Object.entries(WIDTHS)) {
      const { page } = await openPage(browser, stage.url, { colorScheme, viewport, reducedMotion: 'reduce' })
      await takeViews(page, stage, {
        language: colorScheme === 'dark' && width !== '1440' ? 'es' : 'en',
        take: async (name, { fullPage } = { fullPage: true }) => {
          await settle(page)
          await page.screenshot({
            path: join(stage.dir, `${name}-${width}-${colorScheme}.png`),
            fullPage,
          })
        },
      })
      await page.context().close()
    }
  }
}

/** Takes the four views of the README as small files into `dir`. */
export async function takeForReadme(browser: Browser, stage: Stage): Promise<void> {
  const themes: Record<string, 'light' | 'dark'> = {
    edit: 'light',
    task: 'dark',
    tasks: 'light',
    'account-keys': 'dark',
  }
  for (const colorScheme of SCHEMES) {
    const options = { colorScheme, viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' } as const
    const { page } = await openPage(browser, stage.url, options)
    await takeViews(page, stage, {
      language: 'en',
      take: async (name) => {
        if (themes[name] !== colorScheme) return
        await settle(page)
        await page.screenshot({
          path: join(stage.dir, `page-${name}.jpg`),
          type: 'jpeg',
          quality: 72,
        })
      },
    })
    await page.context().close()
  }
}

async function takeViews(
  page: Page,
  { url, clip }: Stage,
  { language, take }: { language: string; take: Take },
) {
  const open = async (path: string, ready: string) => {
    await page.goto(`${url}/#/${path}`)
    await page.locator(ready).first().waitFor()
  }
  await take('log-in')
  await open('forgot', 'form')
  await take('forgot')
  await open('verify/none', 'button.primary')
  await take('verify')
  await open('reset/none', 'form')
  await take('reset')
  await open('', 'form.account')
  const account = await signUp(page)
  if (language === 'es') {
    await page.getByLabel('Language').selectOption('es')
    await page.getByText('Nuevo').waitFor()
  }
  await take('start')
  await open('tasks', '.nothing')
  await take('tasks-empty')

  const client = await logInClient(url, account)
  const upload_id = await client.upload('holiday.mp4', await readFile(clip))
  const damaged = await client.upload('notes.mp4', Buffer.from('not a video '.repeat(500)))
  await client.createTask({ sources: [{ upload_id }], preset: 'mp3' })
  const failed = await client.createTask({ sources: [{ upload_id: damaged }], preset: 'mp3' })
  await client.createTask({
    sources: [{ upload_id }],
    recipe: { frame: { aspect: '9:16' }, thumbnails: { stills: { count: 3 } } },
  })
  const thumbnails = { poster: { at: 3 }, sprite: {} }
  const trim = { start: 2, duration: 8 }
  const done = await client.createTask({ recipe: { sources: [{ upload_id, trim }], thumbnails } })

  await open('', 'form')
  await edit(page, clip)
  await take('edit')
  await openDetails(page, '.options details')
  await page.locator('.make .choices select').nth(1).selectOption('crf')
  await page.locator('.option-body > .button').last().click()
  for (const box of await page.locator('.bumper input[type=checkbox]').all()) await box.check()
  await take('edit-options')
  await page.locator('.file .icon-button').click()
  await page.keyboard.press('?')
  await page.locator('dialog:focus-within').waitFor()
  await take('keys', { fullPage: false })
  await page.keyboard.press('Escape')
  await page.locator('.make > .button.primary').click()
  await page.locator('.task h1').waitFor()
  await take('running')
  await open(`tasks/${failed}`, '.badge.failed')
  await take('failed')
  await page.goto(`${url}/#/tasks/${done}`)
  await page.locator('video.player[poster]').waitFor({ timeout: TASK_MS })
  await page.locator('.seek input').hover()
  await page.waitForTimeout(500)
  await take('task')
  await openDetails(page, '.facts details')
  await page.locator('.output .icon-button').last().click()
  await take('task-details')
  await open('tasks', '.task-row')
  await page.locator('.badge.succeeded').nth(3).waitFor({ timeout: TASK_MS })
  await take('tasks')
  await page.locator('.task-row input').first().check()
  await take('tasks-selected', { fullPage: false })
  for (const section of ['profile', 'sessions', 'keys', 'activity']) {
    await open(`account/${section}`, '.panel')
    if (section === 'keys') {
      await page.locator('.fields input').first().fill('render farm')
      await page.locator('.fields .button').click()
      await page.locator('.secret').waitFor()
    }
    await take(`account-${section}`)
  }
}

async function openDetails(page: Page, selector: string): Promise<void> {
  for (const details of await page.locator(selector).all()) {
    await details.evaluate((element) => element.setAttribute('open', ''))
  }
}

/** Until what was just rendered is there. */
const settle = (page: Page) => page.waitForTimeout(400)

async function edit(page: Page, clip: string): Promise<void> {
  await page.locator('input[type=file]').first().setInputFiles(clip)
  await page.locator('.handle').first().waitFor()
  for (const key of [
    'ArrowRight',
    'ArrowRight',
    'i',
    ...Array<string>(6).fill('ArrowRight'),
    'o',
    'ArrowLeft',
  ]) {
    await page.keyboard.press(key)
  }
  await page.locator('.estimate').waitFor()
  // Until all thumbnails are drawn.
  await page.waitForTimeout(2_000)
}
