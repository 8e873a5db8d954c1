import { join } from 'node:path'
import { NICENESS } from '#batch/media/engine.ts'
import { openAccount } from '#test/e2e/client.ts'
import { startStack } from '#test/e2e/stack.ts'
import { FULL_HD, generateClip, openScratch } from './clips.ts'
import { ffmpegCost } from './ffmpeg-cost.ts'
import { type BenchOptions, fixed, interleave, median, pairwiseRatio, type Report } from './harness.ts'
import { referenceCommand } from './reference-command.ts'

/** Time from POST /tasks to `succeeded` compared with the bare ffmpeg command. */
export async function overhead({ rounds = 7, clip }: BenchOptions): Promise<Report> {
  await using scratch = await openScratch()
  await using started = new AsyncDisposableStack()
  const source = clip ?? (await generateClip(scratch.dir, 'clip', FULL_HD))
  const stack = await startStack(join(scratch.dir, 'data'))
  started.defer(() => stack.kill())
  const user = await openAccount(stack.url)
  const upload_id = await user.upload(source)
  const command = referenceCommand(source, join(scratch.dir, 'bare.mp4'))

  const walls = await interleave(
    {
      bare: async () => (await ffmpegCost(command)).wallS,
      nice: async () => (await ffmpegCost(command, { nice: true })).wallS,
      product: async () => {
        const began = performance.now()
        const { id } = await user.create({ upload_id })
        await user.until(id, 'the reel to be rendered', ({ status }) => status === 'succeeded')
        return (performance.now() - began) / 1000
      },
    },
    { rounds, warmUps: 1 },
  )
  await stack.interrupt()

  const row = (what: string, values: number[]) => [
    what,
    fixed(median(values)),
    fixed(Math.min(...values)),
    fixed(Math.max(...values)),
    fixed(median(values) / median(walls.bare)),
    fixed(pairwiseRatio(values, walls.bare)),
  ]
  return {
    title: 'Overhead',
    notes: [
      `From POST /tasks to \`succeeded\` for the preset reel of ${clip ? 'the clip given' : '30 s of 1080p'}, uploaded ` +
        `beforehand, polled every 50 ms; ${rounds} interleaved rounds. Batch runs ffmpeg with a niceness of ${NICENESS}, ` +
        'which costs nothing on an idle machine and much on a busy one; the second row shows how much.',
    ],
    tables: [
      {
        head: ['', 'median s', 'min', 'max', 'ratio of medians', 'median of ratios'],
        rows: [
          row('bare ffmpeg', walls.bare),
          row("bare ffmpeg with batch's niceness", walls.nice),
          row('the product', walls.product),
        ],
      },
    ],
    targets: [
      {
        what: 'the product / bare ffmpeg with the same niceness',
        measured: median(walls.product) / median(walls.nice),
        bound: 'at most',
        limit: 1.25,
      },
      {
        what: 'the product / bare ffmpeg',
        measured: median(walls.product) / median(walls.bare),
        bound: 'at most',
        limit: 1.25,
      },
    ],
  }
}
