import { strict as assert } from 'node:assert'
import { signUp } from './browser.ts'
import type { Claim } from './claim.ts'
import { logInClient } from './client.ts'

const PAGES = 20
const PAGE = 50

/** What holds for the list of tasks. */
export const LIST_CLAIMS: Claim[] = [
  [
    'the list shows new tasks by itself, and what is deleted can be brought back',
    async (page, { url }) => {
      const account = await signUp(page)
      await page.getByRole('link', { name: 'Tasks' }).click()
      await page.getByText('Nothing here yet').waitFor()
      const client = await logInClient(url, account)
      for (const name of ['first.mp4', 'second.mp4', 'third.mp4']) {
        // No video, so that they fail at once.
        const upload_id = await client.upload(name, Buffer.from('not a video '.repeat(50)))
        await client.createTask({ sources: [{ upload_id }], preset: 'mp3' })
      }
      const rows = page.locator('.task-row')
      await rows.nth(2).waitFor()
      assert.deepEqual(await rows.locator('.title').allTextContents(), [
        'third.mp4',
        'second.mp4',
        'first.mp4',
      ])
      await page.getByLabel('Order').selectOption('Oldest first')
      await page.locator('.title').first().getByText('first.mp4').waitFor()
      await page.getByLabel('Search by name').fill('SECOND')
      await rows.nth(1).waitFor({ state: 'detached' })
      assert.match(page.url(), /order=oldest&search=SECOND/)
      await page.getByLabel('Search by name').fill('')
      await rows.nth(2).waitFor()

      await page.getByLabel('Select all').check()
      await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
      await rows.first().waitFor({ state: 'detached' })
      await page.getByText('3 tasks deleted.').waitFor()
      await page.getByRole('button', { name: 'Undo' }).click()
      await rows.nth(2).waitFor()
      await page.getByLabel('Select first.mp4').check()
      await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
      await page.getByText('Task deleted.').waitFor()
      await page.keyboard.press('Control+z')
      await rows.nth(2).waitFor()
      await page.getByLabel('Select second.mp4').check()
      await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
      await page.getByText('Task deleted.').waitFor()
      // Leaving the page is no way back.
      await page.reload()
      await rows.nth(1).waitFor()
      await page.waitForTimeout(500)
      await page.getByText('second.mp4').waitFor({ state: 'detached' })
    },
  ],
  [
    'a long list loads as it is scrolled, with no more rows in the document than in sight',
    async (page, _stage, issues) => {
      await signUp(page)
      await page.route('**/tasks?*', (route) => route.fulfill({ json: pageOfMany(route.request().url()) }))
      await page.getByRole('link', { name: 'Tasks' }).click()
      const last = page.getByText(`clip-${PAGES * PAGE - 1}.mp4`)
      await page.locator('.task-row').first().waitFor()
      while (!(await last.isVisible())) {
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
        await page.waitForTimeout(50)
      }
      assert.ok((await page.locator('.task-row').count()) < 40)
      // To a task and back again: at the same position.
      const before = await page.evaluate(() => scrollY)
      await last.click()
      await page.getByText('This task does not exist').waitFor()
      await page.goBack()
      await last.waitFor()
      assert.ok(Math.abs((await page.evaluate(() => scrollY)) - before) < 100)
      // The task that does not exist.
      issues.splice(0)
    },
  ],
]

/** A page of a list of very many tasks. */
function pageOfMany(url: string) {
  const number = Number(new URL(url).searchParams.get('page') ?? '0')
  const tasks = Array.from({ length: PAGE }, (_, i) => {
    const index = number * PAGE + i
    return {
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      status: 'succeeded',
      progress: 100,
      preset: null,
      name: `clip-${index}.mp4`,
      outputs: [],
      output_count: 1,
      created_at: new Date(Date.UTC(2026, 0, 1) - index * 60_000).toISOString(),
      finished_at: new Date(Date.UTC(2026, 0, 1) - index * 60_000).toISOString(),
    }
  })
  return { tasks, next_page: number < PAGES - 1 ? String(number + 1) : null }
}
