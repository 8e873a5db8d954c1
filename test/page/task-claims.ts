import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { signUp } from './browser.ts'
import type { Claim, Stage } from './claim.ts'
import { logInClient } from './client.ts'

const TASK_MS = 120_000
const RECIPE = {
  output: { sample_rate: 48_000, width: 500 },
  frame: { aspect: '1:1', fit: 'crop' },
  thumbnails: { poster: { at: 1, width: 320 }, sprite: { count: 4, columns: 2 } },
}

/** What holds for the view of a task. */
export const TASK_CLAIMS: Claim[] = [
  [
    'a result plays with its poster, previews of other positions, and keys; a link to it needs no token',
    async (page, stage) => {
      await openTask(page, stage)
      const video = page.locator('video.player')
      await video.waitFor({ timeout: TASK_MS })
      assert.equal(await page.title(), 'holiday.mp4 · Cutroom')
      await page.locator('video.player[poster]').waitFor()
      await page.getByRole('slider', { name: 'Position' }).hover()
      const tile = page.locator('.seek-preview .tile')
      await tile.waitFor()
      assert.match(await tile.evaluate(({ style }) => style.backgroundImage), /sprite\.jpg/)
      await page.getByRole('button', { name: 'Play', exact: true }).focus()
      await page.keyboard.press('ArrowRight')
      await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 1)
      await page.keyboard.press('m')
      await page.getByRole('button', { name: 'Unmute' }).waitFor()
      await page.getByRole('button', { name: 'Share output.mp4' }).click()
      await page.getByLabel('Valid for').selectOption('1 hour')
      await page.getByRole('button', { name: 'Create link' }).click()
      const link = new URL(await page.getByLabel('Link', { exact: true }).inputValue())
      const reply = await fetch(stage.url + link.pathname + link.search, { headers: { Range: 'bytes=0-99' } })
      assert.equal(reply.status, 206)
      await page.getByRole('button', { name: 'Show poster.jpg' }).click()
      await page.locator('img.player').waitFor()
    },
  ],
  [
    'a task is opened in the editor again, and nothing of its recipe is lost',
    async (page, stage) => {
      await openTask(page, stage)
      await page.locator('video.player').waitFor({ timeout: TASK_MS })
      await page.getByRole('button', { name: 'Edit again' }).click()
      await page.getByText('Kept from the task, without controls here: output').waitFor()
      assert.equal(await page.getByLabel('From').inputValue(), '0:02.000')
      await page.getByText('The API call').click()
      const request = (await page.locator('.request pre').first().textContent()) ?? ''
      assert.match(request, /"start":2,"duration":3/)
      assert.match(request, /"aspect":"1:1","fit":"crop"/)
      assert.match(request, /"poster":\{"at":1,"width":320\}/)
      assert.match(request, /"sample_rate":48000/)
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.locator('.task h1').waitFor()
    },
  ],
]

/** Has another client create a task of three seconds, and opens it. */
async function openTask(page: Page, { url, clip }: Stage): Promise<void> {
  const client = await logInClient(url, await signUp(page))
  const upload_id = await client.upload('holiday.mp4', await readFile(clip))
  const sources = [{ upload_id, trim: { start: 2, duration: 3 } }]
  const id = await client.createTask({ recipe: { sources, ...RECIPE } })
  await page.goto(`${url}/#/tasks/${id}`)
}
