import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startPostgres } from './postgres.ts'
import type { Random } from './random.ts'
import { startSourceHost } from './source-host.ts'
import type { ChaosEnvironment } from './stack.ts'

const HOME = join(import.meta.dirname, '../../.cutroom-test')

/** The directory of this run. */
export const runDir = (): string => join(HOME, `chaos-${process.pid}`)

/**
 * What scenarios that run one after another share: a Postgres server and a host with clips. `name`: of their directory within
 * that of the run.
 */
export async function openEnvironment(
  random: Random,
  name: string,
): Promise<ChaosEnvironment & AsyncDisposable> {
  await using started = new AsyncDisposableStack()
  const dir = join(runDir(), name)
  await mkdir(dir, { recursive: true })
  const postgres = await startPostgres(join(dir, 'postgres'))
  started.defer(() => postgres.stop())
  const sources = await startSourceHost(dir)
  started.defer(() => sources.close())
  const stop = started.move()
  return { postgres, sources, dir, random, [Symbol.asyncDispose]: () => stop.disposeAsync() }
}

/** Removes all files of this run; with `keepLogs` all but the services' logs. */
export async function removeRun(keepLogs: boolean): Promise<void> {
  if (!keepLogs) return await rm(runDir(), { recursive: true, force: true })
  for (const name of await readdir(runDir())) await removeAllButLogs(join(runDir(), name))
}

async function removeAllButLogs(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (!entry.isDirectory() || entry.name === 'postgres') await rm(path, { recursive: true, force: true })
    else await rm(join(path, 'data'), { recursive: true, force: true })
  }
}
