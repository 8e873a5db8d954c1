import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, PASSWORD } from './http-client.ts'

/** What a normal user of the service experiences: milliseconds of each kind of request, and of a reel from request to result. */
export type Experience = {
  list: number[]
  create: number[]
  login: number[]
  /** Milliseconds until the reel had succeeded; undefined when it did not within the limit. */
  reel: number | undefined
  /** Replies that a normal user should not get, such as `login 429`. */
  refused: string[]
}

export type Victim = { client: Client; token: string; email: string; uploadId: string }

/** Pauses between requests: somebody with the page open. */
const PAUSE_MS = { list: 200, create: 1_000, login: 1_500 }
const REEL_LIMIT_MS = 120_000
const POLL_MS = 100

/** Uses the service as a normal user does, for at least `seconds` and until the reel is done. */
export async function useService(victim: Victim, seconds: number): Promise<Experience> {
  const experience: Experience = { list: [], create: [], login: [], reel: undefined, refused: [] }
  const reelDone = new AbortController()
  const until = performance.now() + seconds * 1000
  const goesOn = () => performance.now() < until || !reelDone.signal.aborted
  const reel = renderReel(victim, experience).finally(() => reelDone.abort())

  const repeat = async (kind: 'list' | 'create' | 'login', ask: () => Promise<number>) => {
    while (goesOn()) {
      const ms = await ask()
      experience[kind].push(ms)
      await sleep(PAUSE_MS[kind])
    }
  }
  const { client, token, email, uploadId } = victim
  const expected = async (what: string, status: number, request: ReturnType<Client['call']>) => {
    const answer = await request
    if (answer.status !== status) experience.refused.push(`${what} ${answer.status}`)
    return answer
  }
  await Promise.all([
    reel,
    repeat('list', async () => (await expected('list', 200, client.call('GET', '/tasks', token))).ms),
    repeat('create', async () => {
      const task = { upload_id: uploadId, preset: 'mp3' }
      const { ms, body, status } = await expected('create', 202, client.call('POST', '/tasks', token, task))
      // Aborted at once: what is measured is the request.
      if (status === 202) await client.call('DELETE', `/tasks/${JSON.parse(body).id}`, token)
      return ms
    }),
    repeat('login', async () => {
      const login = client.call('POST', '/auth/login', undefined, { email, password: PASSWORD })
      return (await expected('login', 200, login)).ms
    }),
  ])
  return experience
}

async function renderReel({ client, token, uploadId }: Victim, experience: Experience): Promise<void> {
  const startedAt = performance.now()
  const created = await client.call('POST', '/tasks', token, { upload_id: uploadId, preset: 'reel' })
  if (created.status !== 202) {
    experience.refused.push(`reel ${created.status}`)
    return
  }
  const { id } = JSON.parse(created.body)
  while (performance.now() - startedAt < REEL_LIMIT_MS) {
    await sleep(POLL_MS)
    const { status, body } = await client.call('GET', `/tasks/${id}`, token)
    if (status !== 200) continue
    const task = JSON.parse(body)
    if (task.status === 'succeeded') {
      experience.reel = performance.now() - startedAt
      return
    }
    if (task.status !== 'queued' && task.status !== 'running') {
      experience.refused.push(`reel ${task.error?.code ?? task.status}`)
      return
    }
  }
  experience.refused.push('reel not done')
}
