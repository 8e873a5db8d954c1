import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { CutroomError, type ErrorCode } from '#shared/errors.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { planRender } from '../media/plan/plan.ts'
import { aMedium } from '../media/testing/fixtures.ts'
import { aPlanContext } from '../media/testing/plans.ts'
import type { PlannedRender } from '../media/types.ts'
import { createDryRunner, type DryRunDeps } from './dry-run.ts'

// Each dry run creates and removes directories, which can take long on a busy disk.
jest.setTimeout(60_000)

const recipe = Recipe.parse({
  sources: [{ url: 'https://example.com/a.mp4' }],
  frame: { width: 640, height: 360 },
})
const request = { user_id: '11111111-1111-4111-8111-111111111111', recipe }

let scratchDir: string
let stopping: AbortController
let closed: number
beforeEach(async () => {
  scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-dry-run-'))
  stopping = new AbortController()
  closed = 0
})
afterEach(() => rm(scratchDir, { recursive: true, force: true }))

const SETTINGS = {
  concurrency: 1,
  deadlineMs: 60_000,
  limitMs: 480_000,
  isLimited: true,
  slots: 1,
  cores: 2,
  chunks: undefined,
}

const planned = (): PlannedRender => {
  const info = aMedium({ bytes: 22_500_000 })
  return { sources: [info], plan: planRender(aPlanContext(recipe, [info])).preferred }
}

/** A dry runner with this media engine. */
function runner(dryRun: DryRunDeps['media']['dryRun'], settings: Partial<DryRunDeps['settings']> = {}) {
  const close = async () => void closed++
  const input = { url: 'http://127.0.0.1/a', inputOptions: [], readError: () => undefined }
  const source = {
    input,
    bytesRead: () => 0,
    readError: () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  }
  return createDryRunner(
    {
      sources: { open: async () => source },
      media: { dryRun },
      uploads: { find: async () => [] },
      settings: { ...SETTINGS, scratchDir, ...settings },
      log: silentLogger,
    },
    stopping.signal,
  )
}

/** Probes until it is aborted. */
const endlessDryRun: DryRunDeps['media']['dryRun'] = (_, __, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const failWith = (code: ErrorCode) => () => Promise.reject(new CutroomError(code, 'as the test wants it'))

test('gives outputs and cost, and leaves no files behind', async () => {
  const result = await runner(async () => planned()).dryRun(request)
  expect(result).toMatchObject({
    sources: [{ duration: 30 }],
    problem: null,
    outputs: [{ name: 'output.mp4', content_type: 'video/mp4', seconds: 30, width: 640, height: 360 }],
    bytes_to_read: 22_500_000,
    chunks: 1,
    limit_seconds: 480,
    fits: true,
  })
  expect(closed).toBe(1)
  expect(await readdir(scratchDir)).toEqual([])
})

test.each([
  'source.unavailable',
  'source.denied',
  'source.not_found',
  'source.rejected',
  'source.not_media',
  'media.unreadable',
  'media.timed_out',
] as const)('a source that fails with %s gives a result that says so', async (code) => {
  expect(await runner(failWith(code)).dryRun(request)).toEqual({
    sources: null,
    problem: { code, message: 'as the test wants it' },
    outputs: [],
    bytes_to_read: null,
    chunks: null,
    cpu_seconds: null,
    estimated_seconds: null,
    seconds_on_workers: null,
    limit_seconds: 480,
    fits: null,
  })
  expect(closed).toBe(1)
})

test.each(['media.impossible', 'media.limits', 'source.refused', 'upload.not_found'] as const)(
  'throws %s, which would fail a task as well',
  async (code) => {
    await expect(runner(failWith(code)).dryRun(request)).rejects.toMatchObject({ code })
  },
)

test('a dry run that exceeds its deadline is aborted, and its result says so', async () => {
  const result = await runner(endlessDryRun, { deadlineMs: 10 }).dryRun(request)
  expect(result).toMatchObject({ sources: null, problem: { code: 'media.timed_out' }, fits: null })
})

test('rejects a dry run beyond the concurrency limit, and says when to retry', async () => {
  let probes = 0
  const started = Promise.withResolvers<void>()
  const few = runner((...args) => {
    probes += 1
    started.resolve()
    return endlessDryRun(...args)
  })
  const first = few.dryRun(request)
  await started.promise
  await expect(few.dryRun(request)).rejects.toMatchObject({
    code: 'service.busy',
    headers: { 'Retry-After': '2' },
  })
  expect(probes).toBe(1)
  stopping.abort()
  await expect(first).rejects.toMatchObject({ code: 'service.stopping' })
  await few.drained()
})

test('starts nothing while shutting down', async () => {
  stopping.abort()
  await expect(runner(async () => planned()).dryRun(request)).rejects.toMatchObject({
    code: 'service.stopping',
  })
})
