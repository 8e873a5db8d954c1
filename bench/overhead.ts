import { Agent, get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { NICENESS } from '#batch/media/tools.ts'
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
  const time = async (wait: (id: string) => Promise<unknown>) => {
    const began = performance.now()
    const { id } = await user.create({ upload_id })
    await wait(id)
    return (performance.now() - began) / 1000
  }

  const walls = await interleave(
    {
      bare: async () => (await ffmpegCost(command)).wallS,
      nice: async () => (await ffmpegCost(command, { nice: true })).wallS,
      product: () => time((id) => pollUntilEnd(id, stack.url, user.token)),
      followed: () => time((id) => endOf(id, stack.url, user.token)),
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
        `beforehand, polled every ${POLL_MS} ms, which takes some of the processor, or followed by the task's events; ${rounds} ` +
        `interleaved rounds. Batch runs ffmpeg with a niceness of ${NICENESS}, ` +
        'which costs nothing on an idle machine and much on a busy one; the second row shows how much.',
    ],
    tables: [
      {
        head: ['', 'median s', 'min', 'max', 'ratio of medians', 'median of ratios'],
        rows: [
          row('bare ffmpeg', walls.bare),
          row("bare ffmpeg with batch's niceness", walls.nice),
          row('the product', walls.product),
          row('the product, by its events', walls.followed),
        ],
      },
    ],
    targets: [
      {
        what: 'the product / bare ffmpeg with the same niceness',
        measured: median(walls.product) / median(walls.nice),
        bound: 'at most',
        limit: 1.12,
      },
      {
        what: 'the product / bare ffmpeg',
        measured: median(walls.product) / median(walls.bare),
        bound: 'at most',
        limit: 1.12,
      },
    ],
  }
}

const POLL_MS = 50
const agent = new Agent({ keepAlive: true })

/**
 * Polls a task until it has succeeded. Not with fetch and the contract's schemas: a client that takes as much of the processor as web
 * would count as the product's, which it shares the machine with.
 */
async function pollUntilEnd(id: string, url: string, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  for (;;) {
    const reply = await new Promise<IncomingMessage>((resolve, reject) =>
      get(`${url}/tasks/${id}`, { agent, headers }, resolve).on('error', reject),
    )
    const { status } = JSON.parse(await text(reply))
    if (status === 'succeeded') return
    if (!['queued', 'running'].includes(status)) throw new Error(`The reel was not rendered: ${status}.`)
    await sleep(POLL_MS)
  }
}

/** Waits until the events of a task end, as they do with the task. */
async function endOf(id: string, url: string, token: string): Promise<void> {
  const reply = await fetch(`${url}/tasks/${id}/events`, { headers: { authorization: `Bearer ${token}` } })
  const last = (await reply.text()).trim().split('\n\n').at(-1) ?? ''
  if (!last.includes('"status":"succeeded"')) throw new Error(`The reel was not rendered: ${last}`)
}
