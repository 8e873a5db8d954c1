import { strict as assert } from 'node:assert'
import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import type { Page } from 'playwright-core'
import { answerWith, startTestHost, type TestHost } from '#batch/sources/testing/source-host.ts'
import { signUp } from './browser.ts'
import { type Claim, press } from './claim.ts'
import { CLIP, copyVideo } from './clip.ts'

/** Claims about sources that are links. */
export const LINK_CLAIMS: Claim[] = [
  [
    'a link plays in the editor, to the frame, from the ranges that the player asks for',
    async (page, { clip }) => {
      const bytes = await readFile(clip)
      const host = await startTestHost((request, response) => answerWith(bytes, request, response))
      try {
        await addLink(page, host)
        await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
        await page.getByText(`${CLIP.fps} fps`).waitFor()
        await page.locator('main').click({ position: { x: 3, y: 3 } })
        // Seventeen seconds and a frame, set as the start.
        await press(page, ['End', ...Array.from({ length: 3 }, () => 'ArrowLeft'), '.', 'i'])
        const frame = await shownFrame(page)
        assert.equal(frame, Number(await page.locator('.handle').first().getAttribute('aria-valuenow')))
        assert.ok(frame > CLIP.fps * 10, `frame ${frame}`)
        assert.ok(host.requests.every(({ headers }) => /^bytes=\d+-\d+$/.test(headers.range ?? '')))
      } finally {
        await host.close()
      }
    },
  ],
  [
    'the timeline of a link has its key frames, and the waveform of a small file',
    async (page, { clip }) => {
      const small = await readFile(clip)
      const unused = Buffer.alloc(17 * 2 ** 20)
      unused.writeUInt32BE(unused.length)
      unused.write('free', 4)
      const large = Buffer.concat([small, unused])
      const host = await startTestHost((request, response) =>
        answerWith(request.url === '/large.mp4' ? large : small, request, response),
      )
      const keyFrames = page.locator('.key-frames span')
      try {
        await addLink(page, host, 'small.mp4')
        await page.locator('canvas.waveform').waitFor()
        await keyFrames.nth(9).waitFor()
        await page.locator('main').click({ position: { x: 3, y: 3 } })
        await press(page, ['Shift+ArrowRight', 'Shift+ArrowRight', 'i'])
        assert.equal(await page.getByLabel('From').inputValue(), '0:04.000')
        await page.getByRole('button', { name: 'Remove small.mp4' }).click()
        await page.getByLabel('Link to a video').fill(`${host.origin}/large.mp4`)
        await page.getByRole('button', { name: 'Add link' }).click()
        await keyFrames.nth(9).waitFor()
        assert.equal(await page.locator('canvas.waveform').count(), 0)
      } finally {
        await host.close()
      }
    },
    { detailed: true },
  ],
  [
    'a link whose host has no ranges says so, and is played when the host has changed',
    async (page, { clip }) => {
      const bytes = await readFile(clip)
      let hasRanges = false
      const host = await startTestHost((request, response) =>
        hasRanges ? answerWith(bytes, request, response) : void response.end(bytes),
      )
      try {
        await addLink(page, host)
        await page.getByText('Links are not played here: The host did not deliver the source.').waitFor()
        // With what the dry run has found out, there is a timeline all the same.
        await page.locator('.handle').first().waitFor()
        hasRanges = true
        await page.getByRole('button', { name: 'Try again' }).click()
        await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
      } finally {
        await host.close()
      }
    },
    { detailed: true },
  ],
  [
    'a link that is not read at all says why, instead of loading for ever',
    async (page, _, issues) => {
      await signUp(page)
      await page.getByLabel('Link to a video').fill('http://no-such-host.invalid/holiday.mp4')
      await page.getByRole('button', { name: 'Add link' }).click()
      await page.locator('.editor').getByRole('button', { name: 'Try again' }).waitFor()
      // The refusal of the dry run, which browsers list as an error.
      issues.splice(0)
    },
    { detailed: true },
  ],
  [
    'a link to what the browser cannot play keeps its timeline',
    async (page, { clip }) => {
      const other = clip.replace(/\.mp4$/, '.ts')
      await copyVideo(clip, other)
      const bytes = await readFile(other)
      const serve: RequestListener = (request, response) => answerWith(bytes, request, response)
      const host = await startTestHost(serve)
      try {
        await addLink(page, host, 'holiday.ts')
        await page.getByText('Your browser cannot play this file').waitFor()
        await page.locator('.handle').first().waitFor()
        assert.equal(await page.getByRole('button', { name: 'Play', exact: true }).count(), 0)
      } finally {
        await host.close()
      }
    },
    { detailed: true },
  ],
]

async function addLink(page: Page, host: TestHost, name = 'holiday.mp4') {
  await signUp(page)
  await page.getByLabel('Link to a video').fill(`${host.origin}/${name}`)
  await page.getByRole('button', { name: 'Add link' }).click()
}

/** The number of the frame that the player shows, once it stands. */
async function shownFrame(page: Page): Promise<number> {
  const stands = await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>('.stage video')
    return video && video.readyState >= 2 && !video.seeking ? String(video.currentTime) : ''
  })
  return Math.floor(Number(await stands.jsonValue()) * CLIP.fps)
}
