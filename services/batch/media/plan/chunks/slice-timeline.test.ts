import { describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { aMedium } from '../../testing/fixtures.ts'
import { aPlanContext } from '../../testing/plans.ts'
import { chooseTarget } from '../target.ts'
import { layOutTimeline, type Timeline } from '../timeline.ts'
import { audioOnly, sliceTimeline, videoOnly } from './slice-timeline.ts'

const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }

/** Two sources of 10 s at 24 frames per second, the first trimmed to its last 4 s; bumpers of 1 s. */
function aTimeline(more: object = {}): Timeline {
  const recipe = Recipe.parse({
    sources: [{ ...upload, trim: { start: 6, duration: 4 } }, upload],
    bumper: { intro: {}, outro: {} },
    ...more,
  })
  const context = aPlanContext(recipe, [aMedium({ duration: 10 }), aMedium({ duration: 10 })])
  return layOutTimeline(context, chooseTarget(context))
}

const shown = ({ content }: Timeline) => content.map(({ input, skip, ticks }) => [input, skip?.ticks, ticks])

describe('a slice', () => {
  test('of the beginning has the intro and the beginning of the first source', () => {
    const slice = sliceTimeline(aTimeline(), { from: 0, to: 48 })
    expect(shown(slice)).toEqual([[0, 0, 48]])
    expect(slice.intro).not.toBeNull()
    expect(slice.outro).toBeNull()
    expect(slice.parts).toEqual([72])
    expect(slice.inputs.map(({ kind }) => kind)).toEqual(['source', 'image'])
  })

  test('across two sources has the end of one and the beginning of the other', () => {
    const slice = sliceTimeline(aTimeline(), { from: 72, to: 120 })
    expect(shown(slice)).toEqual([
      [0, 72, 24],
      [1, 0, 24],
    ])
    expect(slice.inputs).toMatchObject([{ skip: { ticks: 72, seconds: 3 } }, { skip: { seconds: 0 } }])
    expect([slice.intro, slice.outro]).toEqual([null, null])
  })

  test('of the end opens only what it shows', () => {
    const slice = sliceTimeline(aTimeline(), { from: 200, to: 336 })
    expect(shown(slice)).toEqual([[0, 104, 136]])
    expect(slice.outro).toMatchObject({ input: 1 })
    expect(slice.inputs.map(({ file }) => file.url)).toEqual(['file:1.mp4', 'file:logo.png'])
  })

  test('of whole parts has their bumpers each', () => {
    const slice = sliceTimeline(aTimeline({ split: { every: 5 } }), { from: 120, to: 336 })
    expect(slice.cuts).toEqual([120, 96])
    expect(slice.parts).toEqual([168, 144])
  })
})

test('slices follow each other without a gap', () => {
  const whole = aTimeline()
  const ticks = [0, 50, 96, 97, 300, 336]
  const slices = ticks.slice(1).map((to, i) => sliceTimeline(whole, { from: ticks[i] ?? 0, to }))
  const total = slices.flatMap(({ parts }) => parts).reduce((sum, each) => sum + each, 0)
  expect(total).toBe(whole.parts[0])
})

test('without video nothing but audio is opened, without audio nothing but video', () => {
  const whole = aTimeline()
  expect(audioOnly(whole).inputs.map(({ kind }) => kind)).toEqual(['source', 'source'])
  expect(audioOnly(whole).target.canvas).toBeNull()
  expect(videoOnly(whole).target.audio).toBeNull()
})
