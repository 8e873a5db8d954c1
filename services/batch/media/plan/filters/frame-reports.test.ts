import { expect, test } from '@jest/globals'
import { applyPreset } from '#shared/contract/presets.ts'
import { aMedium } from '../../testing/fixtures.ts'
import { anInput, aPlanContext, encodingPlan } from '../../testing/plans.ts'
import { reportFrames } from './frame-reports.ts'

test('the first frame, one a second, and all of the last half second', () => {
  const range = { start: 7, seconds: 5, whole: false }
  expect(reportFrames({ input: 3, range, ticks: 150 }, 30, 'audio')).toEqual([
    'ametadata=mode=add:key=cutroom:value=3-audio:enable=' +
      "'if(eq(n,0)+lte(t,5)*(gt(floor(t),ld(0))+eq(t,ld(1))+gte(t,4.5)),1+0*(st(0,floor(t))+st(1,t)))'",
    "ametadata=mode=print:key=cutroom:file='pipe\\:2':direct=1",
  ])
})

test('of a clip whose beginning is left out, the last half second of what is shown', () => {
  const range = { start: 7, seconds: 60, whole: false }
  const skip = { ticks: 90, seconds: 3 }
  expect(reportFrames({ input: 3, range, skip, ticks: 60 }, 30, 'video')[0]).toContain('gte(t,4.5)')
})

const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }

test('a plan names the streams of its sources and bumper clips whose frames are reported', () => {
  const clip = { input: anInput('clip.mp4'), info: aMedium({ audio: null }) }
  const recipe = {
    ...applyPreset('reel', [upload]),
    bumper: { intro: { seconds: 2, clip: upload } },
  }
  const context = aPlanContext(recipe, [aMedium()], {
    assets: { logo: anInput('logo.png'), images: {}, clips: { [upload.upload_id]: clip } },
  })
  expect(encodingPlan(context).reported).toMatchObject([
    { id: '0-video', source: 0, index: 0, range: { start: 0, seconds: 18 } },
    { id: '0-audio', source: 0, index: 1 },
    { id: '1-video', source: null, file: anInput('clip.mp4'), range: { start: 0, seconds: 2 } },
  ])
  const audio = encodingPlan(aPlanContext(applyPreset('mp3', [upload]), [aMedium()]))
  expect(audio.reported?.map(({ id }) => id)).toEqual(['0-audio'])
})
