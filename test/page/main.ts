/**
 * `npm run test:page`: the web page in a real browser, on the whole stack: from sign-up to playing the result. Needs Chromium
 * (CHROMIUM_PATH, or `chromium` on the PATH, which is installed on Debian where that needs no password) and skips all of it loudly
 * when there is none. Every claim must hold without an error on the console and without a report of the content security policy.
 * `npm run screenshots` takes every view in both themes and at three widths, into .cutroom-test/screenshots;
 * with `-- --readme` it replaces the four of the README. `--short`, as `npm test` has it, leaves out the claims that go into the
 * details of one view; `--json FILE` writes the counts; words choose claims that contain one of them.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Count, NONE, summary } from '../../scripts/tests/count.ts'
import { startStack } from '../e2e/stack.ts'
import { findChromium, openBrowser } from './browser.ts'
import { generateClip, generateScene } from './clip.ts'
import { takeForReadme, takeScreenshots } from './screenshots.ts'
import { steps } from './steps.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    screenshots: { type: 'boolean', default: false },
    readme: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const SCREENSHOTS = join(import.meta.dirname, '../../.cutroom-test/screenshots')
const IMAGES = join(import.meta.dirname, '../../docs/images')

const executable = await findChromium()
const count = executable ? await run(executable) : skipAll()
if (values.screenshots) process.exit(0)
if (values.json) await writeFile(values.json, JSON.stringify(count))
else console.log(summary(count))
process.exitCode = count.failed > 0 ? 1 : 0

function skipAll(): Count {
  console.warn(
    'SKIPPED: the tests of the page, because there is no Chromium. Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.',
  )
  return { ...NONE, skipped: 1 }
}

async function run(executablePath: string): Promise<Count> {
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-page-'))
  // Links of tests lead to hosts on the loopback interface; nearly every claim begins with an account.
  const env = { SIGNUPS_PER_HOUR: '1000', SOURCE_ALLOW_HOSTS: '127.0.0.1', BCRYPT_COST: '4' }
  const stack = await startStack(join(dir, 'data'), env)
  const browser = await openBrowser(executablePath)
  try {
    if (values.screenshots) {
      const target = values.readme ? IMAGES : SCREENSHOTS
      await mkdir(target, { recursive: true })
      const stage = { url: stack.url, clip: await generateScene(dir), dir: target }
      await (values.readme ? takeForReadme(browser, stage) : takeScreenshots(browser, stage))
      console.log(`Screenshots are in ${target}.`)
      return NONE
    }
    const clip = await generateClip(dir)
    const choice = { words: positionals, short: values.short }
    return await steps(browser, { url: stack.url, clip, output: stack.output }, choice)
  } finally {
    await browser.close()
    await stack.interrupt()
    await rm(dir, { recursive: true, force: true })
  }
}
