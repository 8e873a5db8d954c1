import { describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { guardSource } from '../../probe/media-input.ts'
import type { TimeMap } from '../../probe/times/time-map.ts'
import { aMedium, anAudio, someLimits } from '../../testing/fixtures.ts'
import { anInput, aPlanContext, argumentsOf, encodingPlan } from '../../testing/plans.ts'
import { planRender } from '../plan.ts'
import type { PlanContext, ProbedSource } from '../types.ts'
import { changesAudio, planAudioDecoding } from './audio-decoding.ts'
import { audioDecodings, withDecodedAudio } from './changing-audio.ts'

const times: TimeMap = {
  video: { start: 0, end: 30, packets: 720 },
  audio: { start: 0, end: 30, packets: 1400 },
  end: 30,
  origin: 1.4,
  shift: 0,
  keyFrames: [0, 8, 16].map((at) => ({ shownAt: at, decodedAt: at })),
  hasTimestamps: true,
  continuous: true,
  changes: [{ kind: 'audio', at: 12, from: '2 channels', to: '6 channels' }],
  warnings: [],
}
const changing: ProbedSource = { input: anInput('0.ts'), info: aMedium({ container: 'mpegts' }), times }
const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const clipUpload = { upload_id: '00000000-0000-4000-8000-000000000001' }

/** A context of these sources, in which `clipUpload` is a clip that changes as well. */
function contextOf(recipe: object, sources: ProbedSource[] = [changing]): PlanContext {
  const parsed = Recipe.parse({ sources: sources.map(() => upload), ...recipe })
  const context = aPlanContext(parsed, [], { sources })
  return {
    ...context,
    assets: {
      ...context.assets,
      clips: { [clipUpload.upload_id]: { ...changing, input: anInput('clip.ts') } },
    },
  }
}
const intro = { bumper: { intro: { seconds: 2, clip: clipUpload }, outro: { seconds: 5, clip: clipUpload } } }
const MP4 = { output: { format: 'mp4', quality: 'draft' } }

const decodingsOf = (context: PlanContext) =>
  audioDecodings(context, changesAudio).map(({ path, range }) => [path, range.start, range.seconds])

describe('what is decoded ahead', () => {
  test.each([
    ['all that is used of a source', MP4, [['/out/.decoded-source-1', 0, 30]]],
    [
      'the range of a trim',
      { ...MP4, sources: [{ ...upload, trim: { start: 9, duration: 4 } }] },
      [['/out/.decoded-source-1', 9, 4]],
    ],
    ['nothing when muted', { ...MP4, audio: 'mute' }, []],
    ['nothing for a GIF', { output: { format: 'gif' } }, []],
  ])('%s', (_, recipe, expected) => {
    const { assets, ...context } = contextOf(recipe)
    expect(decodingsOf({ ...context, assets: { ...assets, clips: {} } })).toEqual(expected)
  })

  test('as much of a bumper clip as either end shows', () => {
    expect(decodingsOf(contextOf({ ...MP4, ...intro }))).toContainEqual([
      `/out/.decoded-clip-${clipUpload.upload_id}`,
      0,
      5,
    ])
  })

  test('nothing twice, and nothing that does not change', () => {
    const decoded = { ...changing, decodedAudio: { file: anInput('x'), from: 0 } }
    const even = { ...changing, times: { ...times, changes: [] } }
    const { assets, ...context } = contextOf(MP4, [decoded, even])
    expect(decodingsOf({ ...context, assets: { ...assets, clips: {} } })).toEqual([])
  })
})

test('decoding keeps timestamps, survives changes, and reads the video along', () => {
  const range = { start: 9, seconds: 4, whole: false }
  const [run] = planAudioDecoding(changing, range, '/out/a', someLimits, false).runs
  const args = run ? argumentsOf(run).join(' ') : ''
  expect(
    args.slice(args.indexOf(guardSource(changing.input, someLimits, changing.info.container).join(' '))),
  ).toBe(
    `${guardSource(changing.input, someLimits, changing.info.container).join(' ')} -ss 7 -noaccurate_seek -itsoffset -2 -i file:0.ts ` +
      '-f lavfi -i anullsrc=r=48000:cl=mono,atrim=end_sample=1 -y -filter_complex ' +
      "[0:1]atrim=start=0:end=4,volume=volume='if(eq(nb_channels,1),sqrt(2),1)',aresample=48000," +
      'aformat=sample_fmts=fltp:channel_layouts=stereo[a0] ' +
      '-map [a0] -map 1:a -c:a pcm_f32le -f nut /out/a -map 0:0 -c:v copy -t 4 -f null -',
  )
})

test('of raw audio, all samples are decoded without timestamps', () => {
  const info = aMedium({ container: 'mp3', video: null, audio: anAudio({ index: 0, codec: 'mp3' }) })
  const range = { start: 9, seconds: 4, whole: false }
  const [run] = planAudioDecoding({ ...changing, info }, range, '/out/a', someLimits, false).runs
  expect(run).toMatchObject({
    inputs: [{ source: 'file:0.ts' }],
    files: [{ muxer: { name: 'caf' } }],
    seconds: 30,
  })
  expect(run?.graph).not.toContain('atrim')
})

describe('a plan after decoding', () => {
  const decodedContext = (recipe: object) => {
    const context = contextOf(recipe)
    return audioDecodings(context, changesAudio).reduce((all, each) => withDecodedAudio(all, each), context)
  }

  test('takes the audio from the decoded file, and reads the original along', () => {
    const [run] = encodingPlan(decodedContext(MP4)).runs
    expect(run?.inputs.map(({ source }) => source)).toEqual(['file:/out/.decoded-source-1', 'file:0.ts'])
    expect(run?.graph).toMatch(/\[0:0\].*aresample=48000:async=1:min_hard_comp=0.01:first_pts=0,/)
    expect(run?.files[1]).toMatchObject({ path: '-', maps: ['1:1'], audio: 'copy', seconds: 30 })
  })

  test('opens only the decoded file for audio alone, as stereo', () => {
    const [run] = encodingPlan(decodedContext({ output: { format: 'mp3' } })).runs
    expect(run?.inputs.map(({ source }) => source)).toEqual(['file:/out/.decoded-source-1'])
    expect(run?.files).toHaveLength(1)
  })

  test('copies nothing', () => {
    const plan = planRender(decodedContext({ output: { format: 'mp4' } })).preferred
    expect(plan.outputs).toMatchObject([{ video: { encoder: 'libx264' }, audio: { encoder: 'aac' } }])
  })

  test('encodes video that changes its size', () => {
    const change = { kind: 'video' as const, at: 3, from: '1x1 pixels', to: '2x2 pixels' }
    const source = { ...changing, times: { ...times, changes: [change] } }
    const plan = planRender(contextOf({ output: { format: 'mp4' } }, [source])).preferred
    expect(plan.outputs).toMatchObject([{ video: { encoder: 'libx264' } }])
  })
})
