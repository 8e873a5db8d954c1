import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import { ffmpeg } from '#test/clips.ts'
import { findChromium, openBrowser, openPage, signUp } from '#test/page/browser.ts'
import { openScratch } from './clips.ts'
import { type BenchOptions, fixed, median, type Report } from './harness.ts'
import { seedTasks } from './seed-tasks.ts'
import { openServiceEnvironment, ROOT, serve } from './services.ts'

const THROTTLING = 4
const TASKS = 10_000
const FILE_BYTES = 2 * 1024 ** 3
const MAX_FRAME_MS = 1_000
const MAX_FIRST_BYTES = 60_000
const MAX_ROWS = 60

/** The web page in Chromium: how soon it can be used, what it loads, and what a long list and a large file cost. */
export async function page({ rounds = 5 }: BenchOptions): Promise<Report> {
  const executable = await findChromium()
  if (!executable) throw new Error('There is no Chromium. Install it, or set CHROMIUM_PATH.')
  await using scratch = await openScratch()
  await using environment = await openServiceEnvironment(join(scratch.dir, 'data'))
  await using stack = new AsyncDisposableStack()
  const web = await serve(join(ROOT, 'services/web/main.ts'), environment.env)
  stack.defer(() => web.stop())
  const browser = await openBrowser(executable)
  stack.defer(() => browser.close())

  const loads: Load[] = []
  for (let round = 0; round < rounds; round++) {
    const { page } = await openPage(browser, 'about:blank')
    loads.push(await measureLoad(page, web.url))
    await page.context().close()
  }

  const { page: tab } = await openPage(browser, web.url)
  const { email } = await signUp(tab)
  const video = await generateLargeVideo(scratch.dir)
  // Nothing is uploaded: the time to the first frame does not depend on it.
  await tab.route('**/uploads/content/**', (route) => route.abort())
  const frames: number[] = []
  for (let round = 0; round < rounds; round++) {
    await tab.goto('about:blank')
    await tab.goto(web.url)
    frames.push(await measureFirstFrame(tab, video))
  }
  await seedTasks(environment.databaseUrl, email.split('@')[0] ?? '', TASKS, 1)
  const list = await measureList(tab, web.url)

  const of = (name: keyof Load) => loads.map((load) => load[name])
  return {
    title: 'Web page',
    notes: [
      `In Chromium ${browser.version()}; medians of ${rounds} rounds. The first view is loaded into an empty profile with the CPU slowed down ` +
        `${THROTTLING} times. The file of 2 GB has its index at the end, as cameras write it, and is opened from a local disk. The list is ` +
        `scrolled through all of its ${TASKS} tasks.`,
    ],
    tables: [
      {
        head: ['', 'measured'],
        rows: [
          ['First view: first paint, ms', fixed(median(of('paintMs')))],
          ['First view: can be used, ms', fixed(median(of('usableMs')))],
          ['First view: bytes as sent (Brotli)', fixed(median(of('bytes')))],
          ['File of 2 GB: from choosing it to its first frame, ms', fixed(median(frames))],
          ['List with one page of tasks: heap, MB', fixed(list.firstMb)],
          [`List scrolled through ${TASKS} tasks: heap, MB`, fixed(list.allMb)],
          ['the same: rows in the document', fixed(list.rows)],
          ['the same: from a jump to other tasks to their first paint, ms', fixed(list.jumpMs)],
        ],
      },
    ],
    targets: [
      { what: 'first view, bytes', measured: median(of('bytes')), bound: 'at most', limit: MAX_FIRST_BYTES },
      {
        what: 'file of 2 GB, ms to its first frame',
        measured: median(frames),
        bound: 'at most',
        limit: MAX_FRAME_MS,
      },
      { what: 'rows in the document', measured: list.rows, bound: 'at most', limit: MAX_ROWS },
    ],
  }
}

type Load = { paintMs: number; usableMs: number; bytes: number }

/** The log-in view, from navigation to when its form can be filled in. */
async function measureLoad(tab: Page, url: string): Promise<Load> {
  const session = await tab.context().newCDPSession(tab)
  await session.send('Emulation.setCPUThrottlingRate', { rate: THROTTLING })
  await tab.addInitScript(`new MutationObserver((_, observer) => {
    if (!document.querySelector('input[name=email]')) return
    observer.disconnect()
    // Behind what the page still does to render it.
    setTimeout(() => { globalThis.usableMs = performance.now() })
  }).observe(document, { childList: true, subtree: true })`)
  await tab.goto(url)
  await until(
    tab,
    'globalThis.usableMs > 0 && performance.getEntriesByName("first-contentful-paint").length > 0',
  )
  return tab.evaluate<Load>(`({
    paintMs: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    usableMs: globalThis.usableMs,
    bytes: performance.getEntries().reduce((sum, { encodedBodySize = 0 }) => sum + encodedBodySize, 0),
  })`)
}

/** Milliseconds from choosing a file to the first frame that the editor shows. */
async function measureFirstFrame(tab: Page, video: string): Promise<number> {
  const input = tab.locator('input[type=file]').first()
  await input.waitFor({ state: 'attached' })
  await tab.evaluate(`{
    globalThis.frameMs = undefined
    let chosenAt
    document.querySelector('input[type=file]').addEventListener('change', () => { chosenAt = performance.now() }, { capture: true })
    const observer = new MutationObserver(() => {
      const video = document.querySelector('.stage video')
      if (!video) return
      observer.disconnect()
      video.requestVideoFrameCallback(() => { globalThis.frameMs = performance.now() - chosenAt })
    })
    observer.observe(document.body, { childList: true, subtree: true })
  }`)
  await input.setInputFiles(video)
  await until(tab, 'globalThis.frameMs > 0')
  return tab.evaluate<number>('globalThis.frameMs')
}

/** Scrolls through the whole list. */
async function measureList(tab: Page, url: string) {
  await tab.goto('about:blank')
  await tab.goto(`${url}/#/tasks`)
  await tab.locator('.task-row').first().waitFor()
  const session = await tab.context().newCDPSession(tab)
  const firstMb = await heapMb(session)
  const isComplete = `document.querySelector('[aria-setsize="${TASKS}"]') !== null`
  await until(tab, `(scrollTo(0, document.body.scrollHeight), ${isComplete})`)
  const jumpMs = await tab.evaluate<number>(`(async () => {
    const startedAt = performance.now()
    scrollTo(0, document.body.scrollHeight / 2)
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    return performance.now() - startedAt
  })()`)
  return { firstMb, allMb: await heapMb(session), rows: await tab.locator('.task-row').count(), jumpMs }
}

/** Not `waitForFunction`, which the page's policy forbids for a text. */
async function until(tab: Page, expression: string): Promise<void> {
  while (!(await tab.evaluate<boolean>(expression))) await tab.waitForTimeout(20)
}

async function heapMb(session: CDPSession): Promise<number> {
  await session.send('Performance.enable')
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / 1e6
}

/** A video of 2 GB: ten seconds, then a box of nothing that takes no disk space, and the index at the end. */
async function generateLargeVideo(dir: string): Promise<string> {
  const [small, large] = [join(dir, 'small.mp4'), join(dir, 'large.mp4')]
  await ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=s=1280x720:r=25:d=10', '-pix_fmt', 'yuv420p', small])
  const bytes = await readFile(small)
  const index = bytes.indexOf('moov') - 4
  const gap = Buffer.alloc(16)
  gap.writeUInt32BE(1)
  gap.write('free', 4)
  gap.writeBigUInt64BE(BigInt(FILE_BYTES), 8)
  await writeFile(large, Buffer.concat([bytes.subarray(0, index), gap]))
  await using file = await open(large, 'r+')
  await file.write(bytes.subarray(index), 0, bytes.length - index, index + FILE_BYTES)
  return large
}
