/**
 * `npm run test:page`: the web page in a real browser, on the whole stack: from sign-up to playing the result. Needs Chromium
 * (CHROMIUM_PATH, or `chromium` on the PATH; Debian: apt-get install chromium) and says so when there is none. Every step must pass
 * without an error on the console and without a report of the content security policy. `-- --screenshots` takes pages in both
 * themes and at two widths, into .cutroom-test/screenshots.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startStack } from '../e2e/stack.ts'
import { findChromium, openBrowser } from './browser.ts'
import { generateClip } from './clip.ts'
import { takeScreenshots } from './screenshots.ts'
import { steps } from './steps.ts'

const { values } = parseArgs({ options: { screenshots: { type: 'boolean', default: false } } })
const SCREENSHOTS = join(import.meta.dirname, '../../.cutroom-test/screenshots')

const chromium = await findChromium()
if (!chromium) {
  console.warn(
    'SKIPPED: there is no Chromium. Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.',
  )
  process.exit(0)
}
process.exitCode = (await run(chromium)) ? 0 : 1

async function run(executablePath: string): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-page-'))
  const stack = await startStack(join(dir, 'data'), { SIGNUPS_PER_HOUR: '1000' })
  const browser = await openBrowser(executablePath)
  try {
    const clip = await generateClip(dir)
    if (values.screenshots) {
      await mkdir(SCREENSHOTS, { recursive: true })
      await takeScreenshots(browser, { url: stack.url, clip, dir: SCREENSHOTS })
      console.log(`Screenshots are in ${SCREENSHOTS}.`)
      return true
    }
    return await steps(browser, { url: stack.url, clip, output: stack.output })
  } finally {
    await browser.close()
    await stack.interrupt()
    await rm(dir, { recursive: true, force: true })
  }
}
