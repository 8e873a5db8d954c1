import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg, ffprobeLines } from '#test/clips.ts'
import { type MediaWorkspace, openMediaWorkspace } from '../testing/media-workspace.ts'
import { countingVideo, shownFrames } from '../testing/shown-frames.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const H264 = ['-c:v', 'libx264', '-qp', '1', '-pix_fmt', 'yuv420p', '-preset', 'veryfast']
const VP8 = ['-c:v', 'libvpx', '-b:v', '4M', '-crf', '4', '-deadline', 'realtime']

/** A clip of some of the frames of a counting video, whose timestamps are `times`. */
async function uneven(
  extension: string,
  rate: number,
  filters: string,
  options: string[],
  seconds = 4,
): Promise<string> {
  const path = workspace.clips.fresh(extension)
  const video = countingVideo(seconds, rate)
  await ffmpeg([...video, '-vf', filters, '-fps_mode', 'vfr', '-enc_time_base', '1:90000', ...options, path])
  return path
}

/** The frame rate of a result, and the frames that it shows. */
async function rendered(path: string) {
  const output = { format: 'mp4', crf: 1 } as const
  const { outputs } = await workspace.render({ output, frame: { width: 64, height: 64 } }, [path])
  const [rate] = await ffprobeLines(outputs[0]?.path ?? '', 'stream=r_frame_rate', 'v')
  return { rate, shown: await shownFrames(outputs[0]?.path) }
}

describe('a screen that moves at 60 frames per second for a second', () => {
  /** Four frames a second but for the second from 1 s on: frames 60 to 119. */
  const BURST = "select='between(n,60,119)+not(mod(n,15))'"
  test.each([
    ['MP4', 'mp4', H264],
    ['MP4 with the time base of a phone', 'mp4', [...H264, '-video_track_timescale', '600']],
    ['fragmented MP4', 'mp4', [...H264, '-movflags', 'frag_keyframe+empty_moov']],
    ['Matroska', 'mkv', H264],
    ['WebM', 'webm', VP8],
    ['WebM of a recorder', 'webm', [...VP8, '-live', '1']],
    ['a transport stream', 'ts', H264],
  ])('in %s keeps each of its frames', async (_, extension, options) => {
    const { rate, shown } = await rendered(await uneven(extension, 60, BURST, options))
    expect(rate).toBe('60/1')
    const burst = Array.from({ length: 58 }, (_, i) => 61 + i)
    const missing = burst.filter((frame) => !shown.some((each) => Math.abs(each - frame) < 0.6))
    expect(missing).toEqual([])
  })
})

test.each([
  ['Matroska', 'mkv', H264],
  ['WebM of a recorder', 'webm', [...VP8, '-live', '1']],
  ['a transport stream', 'ts', H264],
])('%s that begins with a still scene has the rate of what follows', async (_, extension, options) => {
  const path = await uneven(extension, 60, "select='gt(n,540)+not(mod(n,15))'", options, 12)
  expect((await rendered(path)).rate).toBe('60/1')
})

test.each([
  [
    'a phone with uneven timestamps',
    'mp4',
    30,
    "setpts='PTS+floor(3*random(0))/TB/1000',select='mod(n,30)'",
    H264,
  ],
  ['a camera whose frames come unevenly', 'webm', 30, "setpts='PTS+floor(8*random(0))/TB/1000'", VP8],
  ['a recorder that drops frames', 'webm', 30, "select='mod(n,11)'", [...VP8, '-live', '1']],
])('%s stays at 30', async (_, extension, rate, filters, options) => {
  const path = await uneven(extension, rate, filters, options)
  expect(['30/1', '30000/1001']).toContain((await rendered(path)).rate)
})
