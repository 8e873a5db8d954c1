import { describe, expect, test } from '@jest/globals'
import { Output } from '#shared/contract/recipe.ts'
import { toRun } from './arguments.ts'
import { chooseAudioEncoding, chooseVideoEncoding, MUXERS, type VideoEncoding } from './encoders.ts'
import type { PlannedFile } from './types.ts'

const size = { width: 640, height: 360 }
const rate = { num: 24_000, den: 1001 }
const file = (more: Partial<PlannedFile>): PlannedFile => ({
  path: '/out/a',
  maps: [],
  video: null,
  audio: null,
  muxer: { name: 'wav' },
  maxBytes: null,
  ...more,
})
const options = (more: Partial<PlannedFile>) =>
  toRun({ inputs: [], graph: '', files: [file(more)], seconds: 1 }).files[0]?.options.join(' ')
const videoOf = (output: object, threads = 0, frame = size) =>
  options({ video: chooseVideoEncoding(Output.parse(output), { size: frame, rate }, 'bt709', threads) })
const audioOf = (output: object, channels = 2) =>
  options({ audio: chooseAudioEncoding(Output.parse(output), channels) })

describe('video', () => {
  test.each([
    [{}, '-c:v libx264 -preset veryfast -crf 22 -pix_fmt yuv420p -r 24000/1001 -fps_mode cfr '],
    [{ quality: 'high' }, '-c:v libx264 -preset medium -crf 18 '],
    [{ codec: 'hevc' }, '-c:v libx265 -preset veryfast -x265-params log-level=error -crf 25 '],
    [{ codec: 'av1' }, '-c:v libsvtav1 -preset 9 -crf 35 '],
    [{ format: 'webm' }, '-c:v libvpx-vp9 -deadline good -cpu-used 5 -row-mt 1 -crf 33 -b:v 0 '],
    [{ crf: 30 }, '-crf 30 '],
    [{ bitrate: 1000 }, '-b:v 1000k -maxrate 1500k -bufsize 2000k '],
    [{ codec: 'av1', bitrate: 1000 }, '-preset 9 -b:v 1000k -pix_fmt '],
  ])('%j is %s', (output, expected) => {
    expect(videoOf(output)).toContain(expected)
  })

  test('in AV1 below 64 pixels is left to another encoder', () => {
    const tiny = { width: 64, height: 62 }
    expect(videoOf({ codec: 'av1' }, 0, tiny)).toContain('-c:v libaom-av1 -cpu-used 6 -crf 35 ')
  })

  test('in HEVC has the tag that Apple wants, but in Matroska', () => {
    expect(videoOf({ codec: 'hevc' })).toContain('-tag:v hvc1')
    expect(videoOf({ codec: 'hevc', format: 'mkv' })).not.toContain('-tag:v')
  })

  test('says how it is coloured', () => {
    const sd = chooseVideoEncoding(Output.parse({}), { size, rate }, 'bt601', 0)
    expect(options({ video: sd })).toContain(
      '-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m',
    )
  })

  test('has threads and key frames only when they are given', () => {
    expect(videoOf({}, 3)).toMatch(/-threads 3/)
    expect(videoOf({})).not.toMatch(/-threads|-force_key_frames/)
    const video = chooseVideoEncoding(Output.parse({}), { size, rate }, 'bt709', 0) as VideoEncoding & {
      encoder: 'libx264'
    }
    // A quarter of a frame earlier: the 36th frame, rounded to the microsecond, lies behind itself.
    expect(options({ video: { ...video, keyFramesAt: [1.5015, 1e-7] } })).toContain(
      '-force_key_frames 1.491073,0',
    )
  })

  test('of a still is one frame', () => {
    expect(options({ video: { encoder: 'mjpeg' }, muxer: { name: 'image2' } })).toBe(
      '-c:v mjpeg -q:v 3 -pix_fmt yuvj420p -fps_mode passthrough -frames:v 1 -f image2 -update 1',
    )
  })
})

describe('audio', () => {
  test.each([
    [{}, '-c:a aac -b:a 128k '],
    [{ format: 'mp3', quality: 'high' }, '-c:a libmp3lame -b:a 320k '],
    [{ format: 'wav', sample_rate: 22_050, channels: 1 }, '-c:a pcm_s16le -ar 22050 -ac 1 '],
    [{ format: 'ogg', audio_bitrate: 512 }, '-c:a libopus -b:a 512k '],
  ])('%j is %s', (output, expected) => {
    expect(`${audioOf(output)} `).toContain(expected)
  })

  test('in Opus has no more than libopus takes for its channels', () => {
    expect(audioOf({ format: 'ogg', audio_bitrate: 512 }, 1)).toContain('-b:a 256k')
    expect(audioOf({ format: 'ogg', audio_bitrate: 512, channels: 1 })).toContain('-b:a 256k')
  })
})

describe('files', () => {
  test('of the result carry no metadata, and end at the largest size', () => {
    expect(options({ video: 'copy', audio: 'copy', muxer: MUXERS.mp4, maxBytes: 1000 })).toBe(
      '-c:v copy -c:a copy -map_metadata -1 -map_chapters -1 -fs 1000 -movflags +faststart -f mp4',
    )
  })

  test('between runs are written as they come', () => {
    expect(options({ audio: 'copy', muxer: { name: 'mp4', faststart: false } })).toBe('-c:a copy -f mp4')
  })
})
