import { strict as assert } from 'node:assert'
import pLimit from 'p-limit'
import type { Browser, Page } from 'playwright-core'
import type { Count } from '../../scripts/tests/count.ts'
import { ACCOUNT_CLAIMS } from './account-claims.ts'
import { AGAIN_CLAIMS } from './again-claims.ts'
import { openPage, signUp } from './browser.ts'
import { type Claim, press, type Stage } from './claim.ts'
import { CLIP } from './clip.ts'
import { EDIT_CLAIMS } from './edit-claims.ts'
import { firstFrameIn } from './first-frame.ts'
import { FRAME_CLAIMS } from './frame-claims.ts'
import { KEYBOARD_CLAIMS } from './keyboard-claims.ts'
import { LINK_CLAIMS } from './link-claims.ts'
import { LIST_CLAIMS } from './list-claims.ts'
import { QUALITY_CLAIMS } from './quality-claims.ts'
import { SESSION_CLAIMS } from './session-claims.ts'
import { TASK_CLAIMS } from './task-claims.ts'

const TASK_MS = 120_000
/** In the selection: frame 53 (2.12 s) to 127 (5.08 s). */
const TRIM_KEYS = ['Home', 'ArrowRight', 'ArrowRight', '.', '.', '.', 'i']
const END_KEYS = ['ArrowRight', 'ArrowRight', 'ArrowRight', ',', 'o']

/** Much of the time is spent waiting: for passwords to be hashed, and for tasks. */
const CONCURRENCY = 3

/** Which claims are tried: those that contain one of the words, if there are any; with `short`, none that are marked as detailed. */
export type Choice = { words: string[]; short: boolean }

/** Tries the claims about the page, several at a time; prints the outcome of each. */
export async function steps(browser: Browser, stage: Stage, { words, short }: Choice): Promise<Count> {
  const limit = pLimit(CONCURRENCY)
  const all = [
    ...CLAIMS,
    ...EDIT_CLAIMS,
    ...LINK_CLAIMS,
    ...FRAME_CLAIMS,
    ...AGAIN_CLAIMS,
    ...KEYBOARD_CLAIMS,
    ...ACCOUNT_CLAIMS,
    ...LIST_CLAIMS,
    ...TASK_CLAIMS,
    ...SESSION_CLAIMS,
    ...QUALITY_CLAIMS,
  ]
  const chosen = all.filter(
    ([claim, , options]) =>
      !(short && options?.detailed) && (words.length === 0 || words.some((word) => claim.includes(word))),
  )
  if (short) console.log(`${all.length - chosen.length} claims about details are left to npm run test:page`)
  const held = await Promise.all(chosen.map((claim) => limit(() => holds(claim, browser, stage))))
  const passed = held.filter(Boolean).length
  return { passed, failed: held.length - passed, skipped: 0 }
}

async function holds([claim, check]: Claim, browser: Browser, stage: Stage): Promise<boolean> {
  const startedAt = performance.now()
  const { page, issues } = await openPage(browser, stage.url)
  try {
    await check(page, stage, issues)
    assert.deepEqual(issues, [], 'no error on the console, no report of the policy')
    console.log(`ok     ${claim} (${Math.round(performance.now() - startedAt)} ms)`)
    return true
  } catch (error) {
    console.error(`FAILED ${claim}\n${error instanceof Error ? error.stack : error}\n${issues.join('\n')}`)
    return false
  } finally {
    await page.context().close()
  }
}

const CLAIMS: Claim[] = [
  [
    'errors stand beside their fields, and the first gets the focus',
    async (page) => {
      await page.getByRole('button', { name: 'New here?' }).click()
      await page.getByRole('button', { name: 'Create account' }).click()
      const name = page.getByLabel('User name')
      assert.equal(await name.getAttribute('aria-invalid'), 'true')
      const note = await name.getAttribute('aria-describedby')
      assert.equal(await page.locator(`[id="${note}"]`).textContent(), 'Please fill this in.')
      assert.ok(await name.evaluate((input) => input === document.activeElement))
    },
  ],
  [
    'from sign-up to playing the result: a trim by keyboard is exact to the frame',
    async (page, { clip }) => {
      await signUp(page)
      await page.locator('input[type=file]').setInputFiles(clip)
      await page.locator('.handle').first().waitFor()
      await page.getByText('25 fps').waitFor()
      await press(page, TRIM_KEYS)
      await press(page, END_KEYS)
      assert.match((await page.locator('.keeps').textContent()) ?? '', /0:03\.000 75 frames/)
      await page.getByText('Uploaded').waitFor()
      await page.getByText('The API call').click()
      assert.match(
        (await page.locator('.request pre').textContent()) ?? '',
        /"trim":\{"start":2\.12,"duration":3\}/,
      )
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.getByRole('heading', { name: 'holiday.mp4' }).waitFor()
      const player = page.locator('video.player')
      await player.waitFor({ timeout: TASK_MS })
      assert.equal(await firstFrameIn(page, clip), 53)
      assert.equal(await playedSeconds(page), 3)
    },
  ],
  [
    'a typed time, a dragged handle and undo',
    async (page, { clip }) => {
      await signUp(page)
      await page.locator('input[type=file]').setInputFiles(clip)
      const from = page.getByLabel('From')
      await page.getByText('25 fps').waitFor()
      await from.fill('0:04.5')
      await from.press('Enter')
      // Rounded to a frame.
      assert.equal(await from.inputValue(), '0:04.520')
      const end = page.getByRole('slider', { name: 'End of the clip' })
      const box = await end.boundingBox()
      assert.ok(box)
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      await page.mouse.down()
      await page.mouse.move(box.x - 200, box.y + 5, { steps: 4 })
      await page.mouse.up()
      assert.ok(Number(await end.getAttribute('aria-valuenow')) < CLIP.fps * CLIP.seconds)
      await page.locator('main').click({ position: { x: 3, y: 3 } })
      await press(page, ['z', 'z'])
      assert.equal(await from.inputValue(), '0:00.000')
      assert.equal(await end.getAttribute('aria-valuenow'), String(CLIP.fps * CLIP.seconds))
    },
  ],
  [
    'an interrupted upload goes on after a reload',
    async (page, { clip }, issues) => {
      await signUp(page)
      let chunks = 0
      await page.route('**/uploads/content/**', (route) => (++chunks > 1 ? route.abort() : route.continue()))
      await page.locator('input[type=file]').setInputFiles(clip)
      await page.locator('[aria-live=polite]').getByText('Connection lost').waitFor()
      // Before the connection is back: the page would try again by itself.
      await page.reload()
      await page.unroute('**/uploads/content/**')
      await page.getByText('An upload was interrupted').waitFor()
      const [request] = await Promise.all([
        page.waitForRequest((sent) => /^bytes [1-9]/.test(sent.headers()['content-range'] ?? '')),
        page.locator('input[type=file]').setInputFiles(clip),
      ])
      assert.match(request.headers()['content-range'] ?? '', /^bytes 1048576-/)
      await page.getByText('Uploaded').waitFor()
      // The requests that were cut off on purpose.
      issues.splice(0)
    },
  ],
  [
    'a file that is no video is refused in words, and can be tried again',
    async (page) => {
      await signUp(page)
      const notes = {
        name: 'notes.mp4',
        mimeType: 'video/mp4',
        buffer: Buffer.from('not a video '.repeat(500)),
      }
      await page.locator('input[type=file]').setInputFiles(notes)
      await page.getByText('Your browser cannot play this file').waitFor()
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.locator('.badge.failed').waitFor({ timeout: TASK_MS })
      await page.getByText('not a readable video').first().waitFor()
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('Attempts that failed').waitFor()
    },
  ],
  [
    'a task can be aborted, and deleted from the list',
    async (page, { clip }) => {
      await signUp(page)
      await page.locator('input[type=file]').setInputFiles(clip)
      await page.getByRole('combobox', { name: 'Format' }).selectOption('webm')
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.getByRole('button', { name: 'Abort' }).click()
      await page.locator('.badge.aborted').waitFor()
      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByText('Nothing here yet').waitFor()
    },
  ],
]

/** Plays the result to its end; returns its duration in seconds. */
const playedSeconds = (page: Page): Promise<number> =>
  page.locator('video.player').evaluate(async (element) => {
    const video = element as HTMLVideoElement
    video.muted = true
    video.playbackRate = 4
    const ended = new Promise((resolve) => video.addEventListener('ended', resolve))
    await video.play()
    await ended
    return Math.round(video.duration * 100) / 100
  })
