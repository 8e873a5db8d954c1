import { strict as assert } from 'node:assert'
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { signUp } from './browser.ts'
import type { Claim } from './claim.ts'

const MAX_FIRST_BYTES = 60_000
const TASK_MS = 120_000

/** What holds for every view: it can be used by everyone, and it is small. */
export const QUALITY_CLAIMS: Claim[] = [
  [
    'no view has a serious accessibility issue, in either theme',
    async (page, { url, clip }) => {
      const open = async (path: string, ready: string) => {
        await page.goto(`${url}/#/${path}`)
        await page.locator(ready).first().waitFor()
        await expectAccessible(page, path)
      }
      await expectAccessible(page, 'log in')
      await open('forgot', 'form')
      await open('verify/none', 'button.primary')
      await open('reset/none', 'form')
      await open('', 'form')
      await signUp(page)
      await expectAccessible(page, 'start')
      await open('tasks', '.nothing')
      await page.goto(`${url}/#/`)
      await page.locator('input[type=file]').setInputFiles(clip)
      await page.locator('.estimate').waitFor()
      await expectAccessible(page, 'editor')
      await page.getByRole('combobox', { name: 'Quality' }).selectOption('crf')
      await openDetails(page)
      await page.getByRole('button', { name: 'Add a file' }).click()
      for (const box of await page.locator('.bumper input[type=checkbox]').all()) await box.check()
      await page.getByRole('combobox', { name: 'Shape' }).selectOption('custom')
      await expectAccessible(page, 'editor with everything open')
      await page.locator('main').click({ position: { x: 3, y: 3 } })
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await expectAccessible(page, 'keys')
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: /^Remove File 2/ }).click()
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.locator('.task h1').waitFor()
      await expectAccessible(page, 'running task')
      await page.locator('video.player').waitFor({ timeout: TASK_MS })
      await expectAccessible(page, 'finished task')
      await openDetails(page)
      await page
        .getByRole('button', { name: /^Share / })
        .first()
        .click()
      await page.getByRole('button', { name: 'Create link' }).click()
      await page.getByRole('button', { name: 'Copy link' }).waitFor()
      await expectAccessible(page, 'shared output')
      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('alertdialog').waitFor()
      await expectAccessible(page, 'question')
      await open('tasks', '.task-row')
      await page.locator('.task-row input').first().check()
      await expectAccessible(page, 'selected task')
      for (const section of ['profile', 'sessions', 'keys', 'activity']) {
        await open(`account/${section}`, '.panel')
      }
      await page.getByRole('link', { name: 'API keys' }).click()
      await page.getByLabel('Name', { exact: true }).fill('render farm')
      await page.getByRole('button', { name: 'Create key' }).click()
      await page.locator('.secret').waitFor()
      await expectAccessible(page, 'new key')
    },
  ],
  [
    'the first view is below 60 kB',
    async (page) => {
      await page.getByLabel('E-mail').waitFor()
      const bytes = await page.evaluate(() =>
        performance
          .getEntries()
          .map((entry) => (entry instanceof PerformanceResourceTiming ? entry.encodedBodySize : 0))
          .reduce((sum, size) => sum + size, 0),
      )
      assert.ok(bytes > 10_000 && bytes < MAX_FIRST_BYTES, `${bytes} bytes`)
    },
  ],
]

/** Opens everything that can be opened in a view. */
async function openDetails(page: Page): Promise<void> {
  for (const details of await page.locator('details').all()) {
    await details.evaluate((element) => element.setAttribute('open', ''))
  }
}

/** @throws AssertionError that names what is serious about a view. */
async function expectAccessible(page: Page, view: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours change at once then.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Until it is painted: in between, some colours are those of the other theme.
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    )
    await page.evaluate(axe.source)
    if ((await seriousIssues(page)).length === 0) continue
    // A page that is not in front may be painted later: what is wrong stays wrong.
    await page.waitForTimeout(1_000)
    assert.deepEqual(await seriousIssues(page), [], `${view}, ${colorScheme}`)
  }
}

async function seriousIssues(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)}`)
}
