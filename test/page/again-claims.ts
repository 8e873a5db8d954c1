import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { signUp } from './browser.ts'
import type { Claim } from './claim.ts'
import { logInClient } from './client.ts'
import { openEditor } from './edit-claims.ts'
import { choose, openSection, recipe } from './editor.ts'
import { logoImage } from './logo-image.ts'

const TASK_MS = 120_000

/** Claims about what else a task can make, and about tasks that are opened in the editor again. */
export const AGAIN_CLAIMS: Claim[] = [
  [
    'a file has the name, sample rate and channels that were chosen, also when the task is edited again',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await openSection(page, 'Encoding')
      const name = page.getByLabel('File name')
      await name.fill('our trailer')
      await page.getByText('Up to 60 letters, digits, - and _.').waitFor()
      await name.fill('our-trailer')
      await name.press('Enter')
      await choose(page, 'Sample rate', '44100')
      await choose(page, 'Format', 'webm')
      assert.equal(await page.getByRole('combobox', { name: 'Sample rate' }).inputValue(), '')
      await choose(page, 'Format', 'mp4')
      await choose(page, 'Sample rate', '48000')
      await choose(page, 'Channels', '2')
      await choose(page, 'Format', 'webm')
      const rates = page.getByRole('combobox', { name: 'Sample rate' }).locator('option')
      assert.deepEqual(await rates.allTextContents(), ['Automatic', '48 kHz'])
      await choose(page, 'Format', 'm4a')
      const expected = { name: 'our-trailer', format: 'm4a', sample_rate: 48_000, channels: 2 }
      assert.deepEqual((await recipe(page)).output, expected)
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.locator('.output').getByText('our-trailer.m4a').waitFor({ timeout: TASK_MS })
      await page.getByText('Sources', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Edit again' }).click()
      await page.locator('.option-value').getByText('our-trailer · 48 kHz · Stereo').waitFor()
      assert.deepEqual((await recipe(page)).output, expected)
    },
    { detailed: true },
  ],
  [
    'several files, a rate factor and thumbnails are made, and are there when the task is edited again',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await choose(page, 'Quality', 'crf')
      const factor = page.getByLabel('CRF, 0 to 51')
      assert.equal(await factor.inputValue(), '22')
      await factor.fill('30')
      await factor.press('Enter')
      await openSection(page, 'More files')
      await page.getByRole('button', { name: 'Add a file' }).click()
      const second = page.getByRole('group', { name: 'File 2' })
      await second.getByRole('combobox', { name: 'Format' }).selectOption('mp4')
      await second.getByRole('combobox', { name: 'Size' }).selectOption('360')
      await page.getByRole('button', { name: 'Add a file' }).click()
      await page
        .getByRole('group', { name: 'File 3' })
        .getByRole('combobox', { name: 'Format' })
        .selectOption('mp3')
      await openSection(page, 'Thumbnails')
      await page.getByLabel('Poster').check()
      await page.getByLabel('At second').fill('2.5')
      await page.getByLabel('At second').press('Enter')
      const expected = {
        outputs: [
          { format: 'mp4', crf: 30 },
          { name: 'output-2', format: 'mp4', width: 640 },
          { format: 'mp3' },
        ],
        thumbnails: { poster: { at: 2.5, width: 640 } },
      }
      const { sources: _, ...others } = await recipe(page)
      assert.deepEqual(others, expected)
      await page.locator('.estimate').getByText('output-2.mp4').waitFor()
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.locator('.output').first().waitFor({ timeout: TASK_MS })
      const names = await page.locator('.output .name').allTextContents()
      assert.deepEqual(
        names.map((text) => /^[\w-]+\.\w{3}/.exec(text)?.[0]),
        ['output.mp4', 'output-2.mp4', 'output.mp3', 'poster.jpg'],
      )
      await page.getByRole('button', { name: 'Edit again' }).click()
      await page.locator('.handle').first().waitFor()
      const { sources: __, ...again } = await recipe(page)
      assert.deepEqual(again, expected)
    },
  ],
  [
    'a watermark of an earlier task is shown by its name, and can be removed',
    async (page, { url, clip }) => {
      const client = await logInClient(url, await signUp(page))
      const image = await client.upload('logo.png', logoImage().buffer)
      const id = await client.createTask({
        sources: [{ upload_id: await client.upload('holiday.mp4', await readFile(clip)) }],
        recipe: {
          watermark: { image: { upload_id: image }, corner: 'top_left' },
          bumper: { intro: { image: { upload_id: image }, seconds: 2 } },
        },
      })
      await editAgain(page, url, id)
      await openSection(page, 'Watermark')
      const section = page.locator('details.option', { hasText: 'Watermark' })
      await section.getByText('logo.png').waitFor()
      await page.getByRole('button', { name: 'Watermark, Top left' }).waitFor()
      assert.deepEqual((await recipe(page)).watermark.image, { upload_id: image })
      await section.getByRole('button', { name: 'Remove the image' }).click()
      const { watermark, bumper } = await recipe(page)
      assert.equal(watermark, undefined)
      assert.deepEqual(bumper.intro, { image: { upload_id: image }, seconds: 2 })
    },
    { detailed: true },
  ],
  [
    'request headers of an earlier task are asked for anew before anything is sent',
    async (page, { url }) => {
      const client = await logInClient(url, await signUp(page))
      const source = { url: 'https://video.invalid/private.mp4', headers: { Authorization: 'Bearer secret' } }
      await editAgain(page, url, await client.createTask({ sources: [source], recipe: {} }))
      const { sources } = await recipe(page)
      assert.deepEqual(sources, [{ ...source, headers: { Authorization: 'HEADER_VALUE' } }])
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.getByText('Enter the request headers of private.mp4').waitFor()
      await page.getByLabel('Authorization').fill('Bearer other')
      const [request] = await Promise.all([
        page.waitForRequest(
          (sent) =>
            sent.method() === 'POST' &&
            new URL(sent.url()).pathname === '/tasks' &&
            !sent.url().includes('dry_run'),
        ),
        page.getByRole('button', { name: 'Make it' }).click(),
      ])
      assert.deepEqual(request.postDataJSON().recipe.sources[0].headers, { Authorization: 'Bearer other' })
    },
    { detailed: true },
  ],
  [
    'the browser holds files no longer than they are needed',
    async (page, { clip }) => {
      await page.addInitScript(() => {
        const held = new Set<string>()
        const { createObjectURL, revokeObjectURL } = URL
        URL.createObjectURL = (file) => {
          const url = createObjectURL.call(URL, file)
          held.add(url)
          return url
        }
        URL.revokeObjectURL = (url) => {
          held.delete(url)
          revokeObjectURL.call(URL, url)
        }
        Object.assign(window, { held })
      })
      await page.reload()
      const heldFiles = () => page.evaluate(() => (window as unknown as { held: Set<string> }).held.size)
      await openEditor(page, clip)
      await openSection(page, 'Watermark')
      await page.locator('.option input[type=file]').first().setInputFiles(logoImage())
      await page.getByRole('button', { name: 'Remove the image' }).click()
      // Undo may bring the image back.
      assert.equal(await heldFiles(), 2)
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.locator('.task h1').waitFor()
      assert.equal(await heldFiles(), 0)
    },
    { detailed: true },
  ],
]

/** Opens a task of another client in the editor, once it has ended. */
async function editAgain(page: Page, url: string, id: string): Promise<void> {
  await page.goto(`${url}/#/tasks/${id}`)
  await page.locator('.badge.succeeded, .badge.failed').waitFor({ timeout: TASK_MS })
  await page.getByRole('button', { name: 'Edit again' }).click()
  await page.getByText('The API call').waitFor()
}
