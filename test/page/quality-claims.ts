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
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.locator('.task h1').waitFor()
      await expectAccessible(page, 'running task')
      await page.locator('video.player').waitFor({ timeout: TASK_MS })
      await expectAccessible(page, 'finished task')
      await open('tasks', '.task-row')
      for (const section of ['profile', 'sessions', 'keys', 'activity']) {
        await open(`account/${section}`, '.panel')
      }
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
