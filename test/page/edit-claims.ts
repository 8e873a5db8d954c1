import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { signUp } from './browser.ts'
import { type Claim, press } from './claim.ts'
import { logInClient } from './client.ts'
import { CLIP, copyVideo } from './clip.ts'

/** Frames between key frames of the test video. */
const GOP = 50

/** Claims about the editor: its timeline, its history, and what it asks the service for. */
export const EDIT_CLAIMS: Claim[] = [
  [
    'keys jump between key frames, zoom the timeline, and undo and redo',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await press(page, ['Shift+ArrowRight', 'Shift+ArrowRight'])
      assert.equal(await position(page), timeOf(2 * GOP))
      await press(page, ['.', 'Shift+ArrowLeft', 'i'])
      const start = page.getByRole('slider', { name: 'Start of the clip' })
      assert.equal(await start.getAttribute('aria-valuenow'), String(2 * GOP))
      await press(page, ['Shift+ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft'])
      await page.getByText('There is no key frame before this.').waitFor()
      await press(page, ['+', '+', '+'])
      const overview = page.getByRole('scrollbar', { name: 'Shown part of the source' })
      assert.equal(await overview.getAttribute('aria-valuenow'), '0')
      // The playhead stays in sight.
      await press(page, ['Shift+ArrowRight', 'Shift+ArrowRight'])
      await page.locator('[role=scrollbar]:not([aria-valuenow="0"])').waitFor()
      await press(page, ['0'])
      await overview.waitFor({ state: 'detached' })
      await press(page, ['z'])
      assert.equal(await start.getAttribute('aria-valuenow'), '0')
      await press(page, ['Shift+Z'])
      assert.equal(await start.getAttribute('aria-valuenow'), String(2 * GOP))
      await press(page, ['Control+z', 'Control+y'])
      assert.equal(await start.getAttribute('aria-valuenow'), String(2 * GOP))
    },
  ],
  [
    'the waveform of a local file shows its audio before the file is uploaded',
    async (page, { clip }, issues) => {
      await signUp(page)
      await page.route('**/uploads/content/**', (route) => route.abort())
      await page.locator('input[type=file]').first().setInputFiles(clip)
      const waveform = page.locator('canvas.waveform')
      await waveform.waitFor()
      // The tone of the test video, at an eighth of full scale from beginning to end.
      const heights = await waveform.evaluate(async (element) => {
        const { width, height } = element as HTMLCanvasElement
        const { data } = (element as HTMLCanvasElement)
          .getContext('2d')
          ?.getImageData(0, 0, width, height) ?? {
          data: [],
        }
        const opaque = (x: number) =>
          Array.from({ length: height }, (_, y) => data[(y * width + x) * 4 + 3] ?? 0).filter(Boolean).length
        return [0.1, 0.5, 0.9].map((part) => opaque(Math.floor(width * part)) / height)
      })
      for (const height of heights) assert.ok(height > 0.05 && height < 0.3, `${heights}`)
      issues.splice(0)
    },
    { detailed: true },
  ],
  [
    'several ranges of a source are joined in an order that the keyboard and the mouse change',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await press(page, ['ArrowRight', 'ArrowRight', 'o'])
      await page.getByRole('button', { name: 'Another range of holiday.mp4' }).click()
      await page.getByLabel('From').fill('0:10')
      await page.getByLabel('From').press('Enter')
      await page.getByLabel('To', { exact: true }).fill('0:13')
      await page.getByLabel('To', { exact: true }).press('Enter')
      assert.deepEqual(await trims(page), [
        [undefined, 2.04],
        [10, 3],
      ])
      await page.locator('.estimate').getByText('0:05.040').waitFor()
      const grips = page.getByRole('button', { name: 'Order of holiday.mp4' })
      await grips.first().focus()
      await page.keyboard.press('ArrowDown')
      await page.getByText('holiday.mp4 is now 2 of 2').waitFor()
      assert.deepEqual(await trims(page), [
        [10, 3],
        [undefined, 2.04],
      ])
      // The focus goes with the row.
      await page.keyboard.press('ArrowUp')
      assert.deepEqual(await trims(page), [
        [undefined, 2.04],
        [10, 3],
      ])
      const [from, to] = [await grips.first().boundingBox(), await grips.nth(1).boundingBox()]
      assert.ok(from && to)
      await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
      await page.mouse.down()
      await page.mouse.move(to.x + to.width / 2, to.y + to.height, { steps: 5 })
      await page.mouse.up()
      assert.deepEqual(await trims(page), [
        [10, 3],
        [undefined, 2.04],
      ])
      await page.locator('main').click({ position: { x: 3, y: 3 } })
      await press(page, ['z'])
      assert.deepEqual(await trims(page), [
        [undefined, 2.04],
        [10, 3],
      ])
      // A range goes; the file, and its upload, stay for the other.
      await page.getByRole('button', { name: 'Remove holiday.mp4' }).first().click()
      assert.deepEqual(await trims(page), [[10, 3]])
      await page.locator('.estimate').getByText('0:03.000').waitFor()
    },
  ],
  [
    'what the browser cannot read in a file comes from the service when it is uploaded',
    async (page, { clip }) => {
      await signUp(page)
      const matroska = clip.replace(/\.mp4$/, '.mkv')
      await copyVideo(clip, matroska)
      await page.locator('input[type=file]').first().setInputFiles(matroska)
      await page.getByText('Uploaded ·').waitFor()
      await page.getByText(`${CLIP.fps} fps`).waitFor()
      await page
        .locator('.key-frames span')
        .nth((CLIP.fps * CLIP.seconds) / GOP - 1)
        .waitFor({ state: 'attached' })
      await press(page, ['Shift+ArrowRight'])
      assert.equal(await position(page), timeOf(GOP))
    },
    { detailed: true },
  ],
  [
    'an upload of which the browser has no file plays from the service',
    async (page, { url, clip }) => {
      const client = await logInClient(url, await signUp(page))
      const upload_id = await client.upload('holiday.mp4', await readFile(clip))
      const trim = { start: 2, duration: 0.4 }
      const id = await client.createTask({
        recipe: { sources: [{ upload_id, trim }], output: { format: 'mp3' } },
      })
      await page.goto(`${url}/#/tasks/${id}`)
      await page.getByRole('button', { name: 'Edit again' }).click()
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
      await page.locator('canvas.waveform').waitFor()
      assert.equal(await position(page), timeOf(GOP))
      await press(page, ['.'])
      await page.waitForFunction(
        (seconds) => {
          const video = document.querySelector<HTMLVideoElement>('.stage video')
          return (
            video && video.readyState >= 2 && !video.seeking && Math.abs(video.currentTime - seconds) < 0.001
          )
        },
        (GOP + 1.5) / CLIP.fps,
      )
    },
  ],
  [
    'a link is edited by numbers and on a plain timeline, with what the dry run found out',
    async (page) => {
      await signUp(page)
      await page.route('**/tasks?dry_run=1', (route) => route.fulfill({ json: DRY_RUN_OF_LINK }))
      await page.getByLabel('Link to a video').fill('https://example.com/holiday.mp4')
      await page.getByRole('button', { name: 'Add link' }).click()
      await page.getByText('Links are not played here').waitFor()
      await page.getByText('0:40.000 · 1280×720 · 29.97 fps · h264 · aac').waitFor()
      await page.locator('main').click({ position: { x: 3, y: 3 } })
      await press(page, ['ArrowRight', 'i', 'ArrowRight', 'ArrowRight', 'o'])
      assert.equal(await page.getByLabel('From').inputValue(), '0:01.001')
      assert.equal(await page.getByRole('button', { name: 'Play', exact: true }).count(), 0)
      await press(page, ['n'])
      assert.deepEqual((await trims(page)).length, 2)
    },
  ],
  [
    'the list of keys is that of the handlers, and closes with the key that opens it',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await page.setViewportSize({ width: 360, height: 600 })
      await press(page, ['?'])
      const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
      await dialog.getByText('To the next key frame').waitFor()
      // Its beginning is shown, and the focus is inside.
      assert.equal(await dialog.evaluate(({ scrollTop }) => scrollTop), 0)
      assert.ok(await dialog.evaluate((element) => element.contains(document.activeElement)))
      await press(page, ['?'])
      await dialog.waitFor({ state: 'hidden' })
    },
  ],
]

/** Of a film that nobody fetches: what a dry run would say about it. */
const DRY_RUN_OF_LINK = {
  sources: [
    {
      container: 'mov,mp4,m4a',
      duration: 40,
      bytes: 1_000_000,
      bit_rate: 200_000,
      streams: 2,
      video: { codec: 'h264', display_width: 1280, display_height: 720, fps: 29.97 },
      audio: { codec: 'aac', channels: 2, sample_rate: 48_000 },
    },
  ],
  problem: null,
  outputs: [],
  estimated_seconds: null,
}

/** Signs up and adds the test video; its frame rate is known then. */
export async function openEditor(page: Page, clip: string): Promise<void> {
  await signUp(page)
  await page.locator('input[type=file]').first().setInputFiles(clip)
  await page.locator('.handle').first().waitFor()
  await page.getByText(`${CLIP.fps} fps`).waitFor()
}

/** The start and duration of the trim of each source that the page asks for. */
async function trims(page: Page): Promise<[number | undefined, number | undefined][]> {
  const request = (await page.locator('.request pre').textContent()) ?? ''
  const { recipe } = JSON.parse(/-d '(.*)'/s.exec(request)?.[1] ?? '{}')
  return recipe.sources.map(({ trim }: { trim?: { start: number; duration: number } }) => [
    trim?.start || undefined,
    trim?.duration,
  ])
}

const position = (page: Page) => page.getByTestId('position').textContent()

/** When a frame begins, as the page writes it. */
const timeOf = (frame: number) => `0:${(frame / CLIP.fps).toFixed(3).padStart(6, '0')}`
