import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { openPage, signUp } from './browser.ts'

const WIDTHS = { wide: { width: 1280, height: 860 }, narrow: { width: 360, height: 780 } }
const SCHEMES = ['light', 'dark'] as const

/** Takes every view in both themes and at two widths. */
export async function takeScreenshots(
  browser: Browser,
  { url, clip, dir }: { url: string; clip: string; dir: string },
): Promise<void> {
  for (const colorScheme of SCHEMES) {
    for (const [width, viewport] of Object.entries(WIDTHS)) {
      const locale = width === 'narrow' && colorScheme === 'dark' ? 'es-ES' : 'en-GB'
      const { page } = await openPage(browser, url, { colorScheme, viewport, locale: 'en-GB' })
      const take = async (name: string, fullPage = true) => {
        await page.screenshot({ path: join(dir, `${name}-${width}-${colorScheme}.png`), fullPage })
      }
      await take('login')
      await signUp(page)
      if (locale === 'es-ES') await page.getByLabel('Language').selectOption('es')
      await take('start')
      await edit(page, clip)
      await take('edit')
      await page.keyboard.press('?')
      await take('keys', false)
      await page.keyboard.press('Escape')
      await page.locator('.make > .button.primary').click()
      await page.locator('.task h1').waitFor()
      await take('running')
      await page.locator('video.player').waitFor({ timeout: 120_000 })
      await page.waitForTimeout(1_000)
      await take('task')
      await page.goto(`${url}/#/tasks`)
      await page.locator('.task-row').first().waitFor()
      await take('tasks')
      await page.context().close()
    }
  }
}

async function edit(page: Page, clip: string): Promise<void> {
  await page.locator('input[type=file]').setInputFiles(clip)
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
