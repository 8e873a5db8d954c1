import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { startTestHost } from '#batch/sources/testing/source-host.ts'
import type { Habit } from './types.ts'

/** A loopback host; every file on it is served by a habit of its own. */
export async function startCorpusHost() {
  const served = new Map<string, RequestListener>()
  const host = await startTestHost((request, response) => {
    const [, id = ''] = (request.url ?? '').split('/')
    const listener = served.get(id)
    if (listener) listener(request, response)
    else response.writeHead(404).end()
  })
  return {
    hostPort: host.hostPort,
    /** Serves a file; returns its URL, which ends with `path`. */
    async serve(id: string, file: string, { habit, path = 'clip.mp4' }: { habit: Habit; path?: string }) {
      served.set(id, habit(await readFile(file)))
      return `${host.origin}/${id}/${path}`
    },
    close: host.close,
  }
}

export type CorpusHost = Awaited<ReturnType<typeof startCorpusHost>>
