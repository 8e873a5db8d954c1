import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg, ffprobeLines } from '#test/clips.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from '../testing/media-workspace.ts'
import { countingVideo, shownFrames } from '../testing/shown-frames.ts'
import { renderDivided, renderWhole } from './testing/render-divided.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace({}, { threads: 1 })
})
afterAll(() => workspace.clips.remove())

/** How the decoding times of a file's streams follow each other: the distances that occur. */
async function steps(path: string, stream: 'v' | 'a'): Promise<number[]> {
  const lines = await ffprobeLines(path, 'packet=dts', stream)
  const times = lines.map(Number.parseFloat).filter(Number.isFinite)
  const distances = times.slice(1).map((time, i) => time - (times[i] ?? 0))
  return [...new Set(distances)]
}

const checksum = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

const describeFile = ({
  name,
  seconds,
  width,
  height,
  fps,
  video_codec,
  audio_codec,
  loudness,
}: object & Record<string, unknown>) => ({
  name,
  seconds,
  width,
  height,
  fps,
  video_codec,
  audio_codec,
  ...(loudness === undefined ? {} : { loudness }),
})

describe('a result of chunks is what one render gives', () => {
  const frame = { width: 64, height: 64 }
  test.each([
    ['MP4 with bumpers', { frame, bumper: { intro: { seconds: 1 }, outro: { seconds: 0.5 } } }],
    [
      'a bumper clip, a bumper image and a watermark',
      {
        frame,
        bumper: { intro: { clip: anUpload(1), seconds: 2 }, outro: { image: anUpload(2) } },
        watermark: { image: anUpload(2), margin: 2 },
      },
    ],
    ['a rate that never takes whole milliseconds', { frame, output: { format: 'mp4', fps: 23.987 } }],
    ['WebM', { frame, output: { format: 'webm', quality: 'draft' } }],
    ['HEVC in MOV', { frame, output: { format: 'mov', codec: 'hevc', quality: 'draft' } }],
    ['AV1 in Matroska', { frame, output: { format: 'mkv', codec: 'av1', quality: 'draft' } }],
    ['a bit rate', { frame, output: { format: 'mp4', bitrate: 200 } }],
    [
      'several outputs, slower and smaller ones among them, and thumbnails',
      {
        outputs: [
          { name: 'large', format: 'mp4' },
          { name: 'small', format: 'mp4', width: 48, fps: 12, channels: 1 },
          { name: 'audio', format: 'mp3' },
        ],
        thumbnails: {
          poster: { at: 3.5, width: 64 },
          stills: { count: 3, width: 32 },
          sprite: { count: 7, columns: 3, width: 32 },
        },
      },
    ],
    ['normalized audio', { frame, audio: 'normalize' }],
    ['no audio', { frame, audio: 'mute' }],
    ['parts', { frame, split: { every: 2.5 }, bumper: { intro: { seconds: 0.5 } } }],
  ])('%s', async (_, recipe) => {
    const source = await workspace.clips.clip({
      seconds: 6,
      options: ['-g', '24', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    })
    const logo = fileURLToPath(new URL('../assets/logo.png', import.meta.url))
    const assets = {
      [anUpload(1).upload_id]: await workspace.clips.clip({ fps: 30, size: '64x96' }),
      [anUpload(2).upload_id]: logo,
    }
    const whole = await renderWhole(workspace, recipe, [source], assets)
    const divided = await renderDivided(workspace, recipe, [source], assets)
    expect(divided.chunks).toBeGreaterThan(1)
    expect(divided.outputs.map(describeFile)).toEqual(
      whole
        .map(describeFile)
        .map((file) => ('loudness' in file ? { ...file, loudness: expect.anything() } : file)),
    )
    for (const [i, output] of divided.outputs.entries()) {
      if (output.video_codec && output.seconds) {
        expect(await ffprobeLines(output.path, 'stream=nb_read_frames', 'v')).toEqual(
          await ffprobeLines(whole[i]?.path ?? '', 'stream=nb_read_frames', 'v'),
        )
        const inMilliseconds = /\.(mkv|webm)$/.test(output.name)
        expect((await steps(output.path, 'v')).length).toBeLessThanOrEqual(inMilliseconds ? 2 : 1)
      }
      if (output.content_type === 'image/jpeg') {
        expect([output.name, await checksum(output.path)]).toEqual([
          output.name,
          await checksum(whole[i]?.path ?? ''),
        ])
      }
    }
  })
})

test('chunks of a transport stream show the frames of one render, also when its audio begins first', async () => {
  const path = workspace.clips.fresh('ts')
  await ffmpeg([
    ...['-f', 'lavfi', '-i', 'sine=duration=6'],
    ...['-itsoffset', '0.7', ...countingVideo(5)],
    ...[
      '-map',
      '1:v',
      '-map',
      '0:a',
      '-c:v',
      'libx264',
      '-g',
      '20',
      '-pix_fmt',
      'yuv420p',
      '-c:a',
      'aac',
      path,
    ],
  ])
  const whole = await renderWhole(workspace, {}, [path])
  const divided = await renderDivided(workspace, {}, [path])
  expect(divided.chunks).toBeGreaterThan(1)
  const shown = await Promise.all(
    [divided, { outputs: whole }].map(({ outputs }) => shownFrames(outputs[0]?.path)),
  )
  expect(shown[0]).toEqual(shown[1])
})
