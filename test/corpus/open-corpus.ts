import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openAccount } from '../e2e/client.ts'
import { startStack } from '../e2e/stack.ts'
import { NO_LIMITS } from '../no-limits.ts'
import { openGenerator } from './generate.ts'
import { startCorpusHost } from './host.ts'
import type { Outcome } from './outcome.ts'
import { type Kit, runCase } from './run-case.ts'
import type { CorpusCase } from './types.ts'

/** Tasks at a time. */
export const CONCURRENCY = 2

/** The whole stack as `npm start` runs it, an account, a host, and a directory of generated inputs. */
export async function openCorpus(dir: string) {
  await using started = new AsyncDisposableStack()
  await mkdir(dir, { recursive: true })
  const host = await startCorpusHost()
  started.defer(host.close)
  const { FFMPEG_PATH, FFPROBE_PATH } = process.env
  const stack = await startStack(join(dir, 'data'), {
    ...NO_LIMITS,
    ...{ SOURCE_ALLOW_HOSTS: host.hostPort, BATCH_CONCURRENCY: String(CONCURRENCY) },
    ...(FFMPEG_PATH ? { FFMPEG_PATH } : {}),
    ...(FFPROBE_PATH ? { FFPROBE_PATH } : {}),
  })
  started.defer(stack.kill)
  const client = await openAccount(stack.url, 'corpus')
  const kit: Kit = { client, host, dir, pathOf: openGenerator(dir) }
  const running = started.move()
  return {
    /** Runs a case; one that cannot be run at all counts as a deviation. */
    run: (one: CorpusCase): Promise<Outcome> =>
      runCase(one, kit).catch(({ message }: Error) => ({
        ...{ result: 'did not run', seconds: 0 },
        deviations: [message],
      })),
    close: () => running.disposeAsync(),
  }
}
