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

// Each plan makes and removes folders, which takes a busy disk as long as it likes.
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
  scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-plan-'))
  stopping = new AbortController()
  closed = 0
})
afterEach(() => rm(scratchDir, { recursive: true, force: true }))

const drafted = (): PlannedRender => {
  const info = aMedium({ bytes: 22_500_000 })
  return { sources: [info], plan: planRender(aPlanContext(recipe, [info])).preferred }
}

/** A planner whose media work is this. */
function planner(dryRun: DryRunDeps['media']['dryRun'], settings: Partial<DryRunDeps['settings']> = {}) {
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
      sources: { open: async () => source, close: async () => {} },
      media: { dryRun },
      findUploadKeys: async () => new Map(),
      settings: { places: 1, deadlineMs: 60_000, limitMs: 480_000, cores: 2, scratchDir, ...settings },
      log: silentLogger,
    },
    stopping.signal,
  )
}

/** Looks at the source until it is told to stop. */
const lookForEver: DryRunDeps['media']['dryRun'] = (_, __, signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const failWith = (code: ErrorCode) => () => Promise.reject(new CutroomError(code, 'as the test wants it'))

test('a plan tells of outputs and cost, and leaves nothing behind', async () => {
  const plan = await planner(async () => drafted()).plan(request)
  expect(plan).toMatchObject({
    sources: [{ duration: 30 }],
    problem: null,
    outputs: [{ name: 'output.mp4', content_type: 'video/mp4', seconds: 30, width: 640, height: 360 }],
    bytes_to_read: 22_500_000,
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
  'media.unreadable',
  'media.timed_out',
] as const)('a source that ends in %s gives a plan that says so', async (code) => {
  expect(await planner(failWith(code)).plan(request)).toEqual({
    sources: null,
    problem: { code, message: 'as the test wants it' },
    outputs: [],
    bytes_to_read: null,
    estimated_seconds: null,
    limit_seconds: 480,
    fits: null,
  })
  expect(closed).toBe(1)
})

test.each(['media.impossible', 'media.limits', 'source.refused', 'upload.not_found'] as const)(
  'what no task could do either is refused: %s',
  async (code) => {
    await expect(planner(failWith(code)).plan(request)).rejects.toMatchObject({ code })
  },
)

test('a look that takes longer than it may is broken off, and says so', async () => {
  const plan = await planner(lookForEver, { deadlineMs: 10 }).plan(request)
  expect(plan).toMatchObject({ sources: null, problem: { code: 'media.timed_out' }, fits: null })
})

test('beyond the places nothing is looked at, and the caller is told when to come back', async () => {
  const looks: string[] = []
  const looking = Promise.withResolvers<void>()
  const few = planner((...look) => {
    looks.push('a look')
    looking.resolve()
    return lookForEver(...look)
  })
  const first = few.plan(request)
  await looking.promise
  await expect(few.plan(request)).rejects.toMatchObject({
    code: 'service.busy',
    headers: { 'Retry-After': '2' },
  })
  expect(looks).toEqual(['a look'])
  stopping.abort()
  await expect(first).rejects.toMatchObject({ code: 'service.stopping' })
  await few.empty()
})

test('nothing is begun while shutting down', async () => {
  stopping.abort()
  await expect(planner(async () => drafted()).plan(request)).rejects.toMatchObject({
    code: 'service.stopping',
  })
})
