import { strict as assert } from 'node:assert'
import type { Page } from 'playwright-core'
import { type Claim, press } from './claim.ts'
import { CLIP } from './clip.ts'
import { openEditor } from './edit-claims.ts'
import { choose, openSection, recipe } from './editor.ts'
import { logoImage } from './logo-image.ts'
import { frameDifference } from './same-frame.ts'

const TASK_MS = 120_000
/** Encoding and scaling change colours by a few; a frame that lies elsewhere differs by dozens. */
const MAX_DIFFERENCE = 8

/** Claims about the frame that the editor shows, and about what presets fill in. */
export const FRAME_CLAIMS: Claim[] = [
  [
    'bars and the watermark are in the result where the editor shows them',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await openSection(page, 'Frame')
      await choose(page, 'Shape', '1:1')
      await page.getByLabel('Colour of the bars').fill('#336699')
      await openSection(page, 'Watermark')
      await page.locator('.option input[type=file]').first().setInputFiles(logoImage())
      const watermark = page.getByRole('button', { name: 'Watermark, Bottom right' })
      await watermark.focus()
      await press(page, ['ArrowUp', 'ArrowLeft'])
      await page.getByRole('button', { name: 'Watermark, Top left' }).waitFor()
      await assertSameFrame(page)
    },
  ],
  [
    'what a crop cuts off in the editor is cut off in the result',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await openSection(page, 'Frame')
      await choose(page, 'Shape', '9:16')
      await choose(page, 'What does not fit', 'crop')
      assert.deepEqual((await recipe(page)).frame, { aspect: '9:16', fit: 'crop' })
      const box = await page.locator('.frame').boundingBox()
      assert.ok(box)
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2, { steps: 4 })
      await page.mouse.up()
      const { position } = (await recipe(page)).frame
      assert.ok(position.x > 0.2 && position.x < 0.48 && position.y === 0.5, JSON.stringify(position))
      // The drag has not played the video, as a click would.
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
      await assertSameFrame(page)
    },
    { detailed: true },
  ],
  [
    'a watermark is dragged to another corner',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await openSection(page, 'Watermark')
      await page.locator('.option input[type=file]').first().setInputFiles(logoImage())
      const [from, frame] = [
        await page.getByRole('button', { name: 'Watermark, Bottom right' }).boundingBox(),
        await page.locator('.frame').boundingBox(),
      ]
      assert.ok(from && frame)
      await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
      await page.mouse.down()
      await page.mouse.move(frame.x + 30, frame.y + 30, { steps: 5 })
      await page.mouse.up()
      assert.equal((await recipe(page)).watermark.corner, 'top_left')
    },
    { detailed: true },
  ],
  [
    'a preset fills in what it stands for, and is a clip of one’s own when something is changed',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await page.getByText('A short reel').click()
      assert.match((await page.locator('.request pre').textContent()) ?? '', /"preset":"reel"/)
      await page.getByText('640×360 · Bars').waitFor()
      await openSection(page, 'Frame')
      await choose(page, 'What does not fit', 'blur')
      assert.ok(await page.getByRole('radio', { name: 'A clip' }).isChecked())
      const { bumper, frame, sources } = await recipe(page)
      assert.deepEqual(bumper, { intro: { seconds: 1 }, outro: { seconds: 1 } })
      assert.deepEqual(frame, { width: 640, height: 360, upscale: true, fit: 'pad', background: 'blur' })
      assert.deepEqual(sources[0].trim, { start: 0, duration: 18, at_most: true })
      await page.locator('.estimate').getByText('0:20.000').waitFor()
      await page.locator('main').click({ position: { x: 3, y: 3 } })
      await press(page, ['z', 'z'])
      assert.ok(await page.getByRole('radio', { name: 'A clip' }).isChecked())
      assert.equal((await recipe(page)).bumper, undefined)
    },
  ],
  [
    'the request is copied as curl, TypeScript and Python',
    async (page, { clip }) => {
      await openEditor(page, clip)
      await page.getByText('The API call').click()
      for (const [language, button, start] of [
        ['curl', 'Copy as curl', 'curl -s http'],
        ['TypeScript', 'Copy as code', 'const response = await fetch('],
        ['Python', 'Copy as code', 'import requests'],
      ] as const) {
        await page.locator('.request').getByText(language, { exact: true }).click()
        await page.getByRole('button', { name: button }).click()
        await page.getByText('Copied').waitFor()
        const copied = await page.evaluate(() => navigator.clipboard.readText())
        assert.ok(copied.startsWith(start), copied)
        assert.match(copied, /upload_id/)
        await page.getByText('Copied').waitFor({ state: 'detached' })
      }
    },
    { detailed: true },
  ],
]

/** Renders ten frames, and compares the first with what the editor shows of it. */
async function assertSameFrame(page: Page): Promise<void> {
  await page.locator('main').click({ position: { x: 3, y: 3 } })
  await press(page, ['Home', 'ArrowRight', 'ArrowRight', 'i', ...Array<string>(9).fill('.'), 'o', 'Home'])
  await page.waitForFunction(
    (seconds) => {
      const video = document.querySelector<HTMLVideoElement>('.frame video')
      return video && !video.seeking && Math.abs(video.currentTime - seconds) < 0.03
    },
    2 + 0.5 / CLIP.fps,
  )
  const shown = await page.locator('.frame').screenshot()
  await page.getByText('Uploaded ·').waitFor()
  await page.getByRole('button', { name: 'Make it' }).click()
  await page.locator('video.player').waitFor({ timeout: TASK_MS })
  const difference = await frameDifference(page, shown)
  assert.ok(difference < MAX_DIFFERENCE, `the frames differ by ${difference}`)
}
