import { describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { planEncode } from '../plan/encode.ts'
import type { PlanContext } from '../plan/types.ts'
import { aMedium, aVideo } from '../testing/fixtures.ts'
import { aPlanContext } from '../testing/plans.ts'
import { expandRender, shouldExpand } from './expand.ts'

const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const settings = { seconds: 45, cores: 1, threads: 1 }
const { signal } = new AbortController()

const hour = (recipe: object = {}, seconds = 3600): PlanContext =>
  aPlanContext(
    Recipe.parse({ sources: [upload], output: { format: 'mp4', quality: 'standard' }, ...recipe }),
    [aMedium({ duration: seconds, bytes: 2e9, video: aVideo({ duration: seconds }) })],
  )
const planned = (context: PlanContext) => ({
  sources: context.sources.map(({ info }) => info),
  plan: planEncode(context),
})

describe('shouldExpand', () => {
  test.each([
    ['an hour', hour(), true],
    ['half a minute', hour({}, 15), false],
    [
      'a GIF',
      hour({ frame: { width: 64, height: 36 }, output: { format: 'gif', width: 64, fps: 1 } }),
      false,
    ],
  ])('%s: %s', (_, context, expected) => {
    expect(shouldExpand(context, planned(context), settings)).toBe(expected)
  })

  test('not when chunks are switched off', () => {
    expect(shouldExpand(hour(), planned(hour()), { ...settings, seconds: 0 })).toBe(false)
  })

  test.each([
    ['jump', { continuous: false, hasTimestamps: true }],
    ['are missing', { continuous: true, hasTimestamps: false }],
  ])('not when timestamps %s: every chunk would have to be decoded from the beginning', (_, times) => {
    const context = hour()
    const sources = context.sources.map((source) => ({ ...source, times })) as PlanContext['sources']
    expect(shouldExpand({ ...context, sources }, planned(context), settings)).toBe(false)
  })
})

describe('expandRender', () => {
  const expand = (context: PlanContext) => expandRender(context, settings, async (_, __, at) => at, signal)

  test('gives chunks of about the same work that cover the content', async () => {
    const expansion = await expand(hour())
    const chunks = expansion?.jobs.filter(({ kind }) => kind === 'chunk') ?? []
    expect(chunks.length).toBeGreaterThan(20)
    expect(Math.max(...chunks.map(({ weight }) => weight))).toBeLessThan(60)
    expect(expansion?.plan.ranges[0]?.from).toBe(0)
    expect(expansion?.plan.ranges.at(-1)?.to).toBe(3600 * 24)
  })

  test.each([
    ['audio', {}, ['audio', 'stitch']],
    ['no audio', { audio: 'mute' }, ['stitch']],
    ['normalized audio', { audio: 'normalize' }, ['measure', 'audio', 'measure', 'stitch']],
    [
      'normalized parts, which are measured once they are cut',
      { audio: 'normalize', split: { every: 600 } },
      ['measure', 'audio', 'stitch'],
    ],
  ])('with %s each job waits for those that it needs', async (_, recipe, kinds) => {
    const jobs = (await expand(hour(recipe)))?.jobs ?? []
    expect(jobs.filter(({ kind }) => kind !== 'chunk').map(({ kind }) => kind)).toEqual(kinds)
    const last = jobs.length - 1
    expect(jobs[last]?.unblocks).toBeNull()
    const others = jobs.slice(0, kinds.length - 1)
    expect(others.map(({ unblocks }) => unblocks)).toEqual(
      others.map((__, i) => (i + 1 < others.length ? i + 1 : last)),
    )
    expect(jobs.filter(({ kind }) => kind === 'chunk').every(({ unblocks }) => unblocks === last)).toBe(true)
  })
})
