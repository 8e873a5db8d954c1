import type { Readable } from 'node:stream'
import { CutroomError } from '#shared/errors.ts'
import { type Logger, silentLogger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { ClaimResult } from '#shared/tasks/job-repository.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { JobDeps } from '../process-job.ts'

export const claim: Claim = {
  jobId: '11111111-1111-4111-8111-111111111111',
  taskId: '22222222-2222-4222-8222-222222222222',
  userId: '33333333-3333-4333-8333-333333333333',
  attempt: 2,
  failures: 1,
  recipe: { sources: [{ url: 'https://example.com/a.mp4' }] } as Claim['recipe'],
}

/** The storage of a test: what was made is listed, nothing is kept. `fails` throws before an object is made. */
export function fakeStorage(fails: (key: string) => void = () => {}) {
  const objects = new Map<string, number>()
  const storage = {
    async create(key: string, body: Readable) {
      let bytes = 0
      for await (const chunk of body) bytes += chunk.length
      fails(key)
      if (objects.has(key)) throw new CutroomError('storage.exists', `${key} is taken`)
      objects.set(key, bytes)
      return { key, bytes, contentType: '', crc32c: '', createdAt: new Date() }
    },
    async stat(key: string) {
      const bytes = objects.get(key)
      return bytes === undefined
        ? undefined
        : { key, bytes, contentType: '', crc32c: '', createdAt: new Date() }
    },
    async remove(key: string) {
      objects.delete(key)
    },
    async *list(prefix: string) {
      for (const [key, bytes] of objects) {
        if (key.startsWith(prefix)) yield { key, bytes, contentType: '', crc32c: '', createdAt: new Date() }
      }
    },
  }
  return { objects, storage: storage as unknown as Storage }
}

/** A job repository that grants one claim, and writes down what it is told. */
export function fakeJobs(result: ClaimResult = { kind: 'claimed', claim }) {
  const said: string[] = []
  /** Set to false to have the claim overtaken. */
  const state = { held: true }
  const say = (what: string) => async () => {
    said.push(what)
    return state.held
  }
  return {
    said,
    state,
    jobs: {
      claim: async () => result,
      heartbeat: async () => state.held,
      finish: say('finish'),
      fail: async (_: Claim, error: { code: string }, { usedUp }: { usedUp: boolean }) =>
        say(`fail ${error.code}${usedUp ? ' used up' : ''}`)(),
      retry: async (_: Claim, error: { code: string }, { counts }: { counts: boolean }) =>
        say(`retry ${error.code}${counts ? '' : ' uncounted'}`)(),
      giveBack: say('give back'),
    } as JobDeps['jobs'],
  }
}

export const settings: JobDeps['settings'] = {
  concurrency: 1,
  deadlineMs: 60_000,
  maxAttempts: 5,
  leaseMs: 60_000,
  heartbeatMs: 5,
  republishAfterMs: 1000,
  sweepMs: 0,
  scratchDir: '',
}

/** Notifications that a test makes by hand. */
export function fakeChanges() {
  const watchers = new Set<() => void>()
  return {
    notify: () => {
      for (const changed of watchers) changed()
    },
    watch(_: string, changed: () => void) {
      watchers.add(changed)
      return () => void watchers.delete(changed)
    },
    close: async () => {},
  }
}

export const log = silentLogger

/** A log that keeps its lines of every level, each with the fields of the child that wrote it. */
export function recordingLog() {
  const lines: Record<string, unknown>[] = []
  const withFields = (own: Record<string, unknown>): Logger => {
    const write = (event: string, fields: Record<string, unknown> = {}) =>
      void lines.push({ event, ...own, ...fields })
    return {
      error: write,
      warn: write,
      info: write,
      debug: write,
      child: (fields) => withFields({ ...own, ...fields }),
    }
  }
  return { log: withFields({}), lines }
}
