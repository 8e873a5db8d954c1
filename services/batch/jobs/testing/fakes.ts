import type { Readable } from 'node:stream'
import type { TaskChange } from '#shared/database/task-change-listener.ts'
import { CutroomError } from '#shared/errors.ts'
import { type Logger, silentLogger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { ClaimResult } from '#shared/tasks/job-repository.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { JobDeps } from '../job-deps.ts'

export const claim: Claim = {
  jobId: '11111111-1111-4111-8111-111111111111',
  taskId: '22222222-2222-4222-8222-222222222222',
  userId: '33333333-3333-4333-8333-333333333333',
  kind: 'render',
  attempt: 2,
  failures: 1,
  lastFailure: null,
  params: {},
  plan: null,
  build: null,
  alone: false,
  recipe: { sources: [{ url: 'https://example.com/a.mp4' }] } as Claim['recipe'],
}

/** Storage that records each object's size and keeps no bytes. `beforeCreate` may throw in place of an upload. */
export function fakeStorage(beforeCreate: (key: string) => void = () => {}) {
  const objects = new Map<string, number>()
  const storage = {
    async create(key: string, body: Readable) {
      let bytes = 0
      for await (const chunk of body) bytes += chunk.length
      beforeCreate(key)
      if (objects.has(key)) throw new CutroomError('storage.exists', `${key} exists`)
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

/** A job repository that grants one claim and records the calls that end an attempt. */
export function fakeJobs(result: ClaimResult = { kind: 'claimed', waitedSeconds: 0, claim }) {
  const calls: string[] = []
  /** Set `held` to false to fence the claim out. */
  const state = { held: true }
  const record = (call: string) => async () => {
    calls.push(call)
    return state.held
  }
  return {
    calls,
    state,
    jobs: {
      claim: async () => result,
      heartbeat: async () => state.held,
      expand: async () => ((await record('expand')()) ? [] : undefined),
      complete: record('complete'),
      results: async () => [],
      finish: record('finish'),
      replan: record('replan'),
      fail: async (_: Claim, error: { code: string }, { usedUp }: { usedUp: boolean }) =>
        record(`fail ${error.code}${usedUp ? ' used up' : ''}`)(),
      retry: async (_: Claim, error: { code: string }, { counts }: { counts: boolean }) =>
        record(`retry ${error.code}${counts ? '' : ' uncounted'}`)(),
      giveBack: record('give back'),
      handOver: record('hand over'),
    } as JobDeps['jobs'],
  }
}

export const settings: JobDeps['settings'] = {
  deadlineMs: 60_000,
  maxAttempts: 5,
  leaseMs: 60_000,
  heartbeatMs: 5,
  scratchDir: '',
  recordMs: 60_000,
  claimsLongJobs: true,
  concurrency: 1,
}

/** Change notifications that a test triggers with `notify`. */
export function fakeChanges() {
  const watchers = new Set<(change: TaskChange) => void>()
  return {
    notify: (change: TaskChange = 'state') => {
      for (const onChange of watchers) onChange(change)
    },
    watch(_: string, onChange: (change: TaskChange) => void) {
      watchers.add(onChange)
      return () => void watchers.delete(onChange)
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

/** A media engine of which only `render` may be used. */
export const renderOnly = (render: JobDeps['media']['render']): JobDeps['media'] => ({
  render,
  sourcesOfChunk: unexpected,
  renderChunk: unexpected,
  encodeAudio: unexpected,
  measureLoudness: unexpected,
  measureAudio: unexpected,
  stitch: unexpected,
})

function unexpected(): never {
  throw new Error('The job is a render.')
}
