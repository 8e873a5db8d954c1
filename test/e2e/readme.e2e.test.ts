import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Stack, startStack } from './stack.ts'

const run = promisify(execFile)
/** As the README generates it, but in a fraction of the time. */
const CLIP =
  '-f lavfi -i testsrc2=s=1280x720:r=24:d=30 -f lavfi -i sine=d=30 -preset ultrafast -pix_fmt yuv420p clip.mp4'
const README = join(import.meta.dirname, '../../README.md')

let dir: string
let stack: Stack
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-readme-'))
  await run('ffmpeg', ['-nostdin', '-v', 'error', ...CLIP.split(' ')], { cwd: dir })
  stack = await startStack(join(dir, 'data'))
}, 90_000)
afterAll(async () => {
  await stack?.kill()
  await rm(dir, { recursive: true, force: true })
})

test("the README's commands create a task, poll it and download the result", async () => {
  const commands = commandsIn(await readFile(README, 'utf8')).replace(/^API=.*/m, `API=${stack.url}`)
  const { stdout: log } = await run('bash', ['-c', commands], { cwd: dir, timeout: 200_000 }).catch(
    ({ stdout, stderr }) => {
      throw new Error(`The commands failed:\n${stdout}${stderr}`)
    },
  )
  expect(log).toContain('"status":"succeeded"')
  const probe = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', join(dir, 'reel.mp4')]
  const { stdout } = await run('ffprobe', probe)
  // 18 s of the clip, and a second of logo at both ends.
  expect(Number(stdout)).toBeCloseTo(20, 0)
}, 220_000)

/** The blocks to copy, as they stand there, without those that read a video from the internet. */
function commandsIn(readme: string): string {
  const blocks = [...readme.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block = '']) => block)
  return blocks.filter((block) => !block.includes('https://')).join('\n')
}
