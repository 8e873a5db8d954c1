import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Output } from '#shared/contract/recipe.ts'
import { type MediaWorkspace, openMediaWorkspace } from '../../testing/media-workspace.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const run = promisify(execFile)

/**
 * A clip of two seconds whose channels are mixed by `pan` from a tone (c0) that peaks at `peak`, 1 being full scale. It
 * fades in and out: at a hard start lossy encoders overshoot by themselves.
 */
const tone = (pan: string, peak: number) =>
  workspace.clips.generated('mkv', [
    ...['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=24:duration=2'],
    ...['-f', 'lavfi', '-i', `aevalsrc='${peak}*sin(2*PI*440*t)':s=48000:d=2`],
    ...[
      '-filter_complex',
      `[1:a]afade=d=0.1,afade=out:st=1.9:d=0.1,pan=${pan}[a]`,
      '-map',
      '0:v',
      '-map',
      '[a]',
      '-c:a',
      'pcm_s16le',
    ],
  ])

/** Of all channels together: peak and RMS, in dBFS. */
async function levels(path = '', seconds: string[] = []) {
  const filter = ['-af', 'astats=measure_perchannel=none', '-f', 'null', '-']
  const { stderr } = await run('ffmpeg', ['-nostdin', '-hide_banner', ...seconds, '-i', path, ...filter])
  const find = (name: string) => Number(new RegExp(`${name} level dB: (\\S+)`).exec(stderr)?.[1])
  return { peak: find('Peak'), rms: find('RMS') }
}

const pcm = async (path: string) =>
  (
    await run('ffmpeg', ['-v', 'error', '-i', path, '-f', 's16le', '-'], {
      encoding: 'buffer',
      maxBuffer: 1e9,
    })
  ).stdout

const EVERY_FORMAT: Partial<Output>[] = [
  { format: 'mp4', quality: 'draft' },
  { format: 'webm', quality: 'draft' },
  { format: 'mp3' },
  { format: 'wav' },
  { format: 'wav', channels: 1 },
  { format: 'mp4', channels: 1 },
  { format: 'mp4', channels: 2 },
]

describe('surround audio whose channels add up to far more than full scale does not clip', () => {
  const together = EVERY_FORMAT.map((output, i) => ({ ...output, name: `mix-${i}` }))
  test.each([
    ['5.1, each output alone', '5.1|FL=c0|FR=c0|FC=c0|BL=c0|BR=c0', EVERY_FORMAT.map((output) => [output])],
    ['7.1', '7.1|FL=c0|FR=c0|FC=c0|BL=c0|BR=c0|SL=c0|SR=c0', [together]],
    ['quad', 'quad|FL=c0|FR=c0|BL=c0|BR=c0', [together]],
  ])('%s', async (_, pan, renders) => {
    const path = await tone(pan, 0.75)
    for (const wanted of renders) {
      const { outputs } = await workspace.render({ outputs: wanted }, [path])
      expect(outputs).toHaveLength(wanted.length)
      for (const output of outputs) {
        const { peak } = await levels(output.path)
        expect(peak).toBeLessThan(-0.5)
        expect(peak).toBeGreaterThan(-5)
      }
    }
  })
})

test('dialogue, which the centre carries, keeps its loudness: 3 dB less in each of two channels', async () => {
  const { outputs } = await workspace.render({ output: { format: 'wav' } }, [await tone('5.1|FC=c0', 0.25)])
  const { rms } = await levels(outputs[0]?.path, ['-ss', '0.2', '-t', '1.5'])
  expect(rms).toBeCloseTo(20 * Math.log10(0.25) - 3.01 - 3.01, 1)
})

test('mono is as loud as stereo: joined, and alone', async () => {
  const mono = await tone('mono|c0=c0', 0.25)
  const stereo = await tone('stereo|c0=c0|c1=c0', 0.25)
  const { outputs } = await workspace.render({ output: { format: 'mp4', quality: 'high' } }, [mono, stereo])
  const [first, second] = await Promise.all(
    ['0.2', '2.2'].map((start) => levels(outputs[0]?.path, ['-ss', start, '-t', '1.5'])),
  )
  expect(first?.rms).toBeCloseTo(20 * Math.log10(0.25) - 3.01, 0)
  expect(first?.rms).toBeCloseTo(second?.rms ?? 0, 1)
})

describe('stereo to mono', () => {
  test.each<Partial<Output>>([
    { format: 'wav', channels: 1 },
    { format: 'mp4', channels: 1 },
    { format: 'mkv', channels: 1, quality: 'draft' },
  ])('does not clip, and mono through stereo comes back as loud: %j', async (output) => {
    for (const pan of ['stereo|c0=c0|c1=c0', 'mono|c0=c0']) {
      const { outputs } = await workspace.render({ output }, [await tone(pan, 0.9)])
      const { peak } = await levels(outputs[0]?.path)
      expect(peak).toBeCloseTo(20 * Math.log10(0.9), 0)
    }
  })
})

test('stereo stays stereo to the bit', async () => {
  const path = await tone('stereo|c0=c0|c1=0.3*c0', 0.99)
  const { outputs } = await workspace.render({ output: { format: 'wav' } }, [path])
  expect((await pcm(outputs[0]?.path ?? '')).equals(await pcm(path))).toBe(true)
})
