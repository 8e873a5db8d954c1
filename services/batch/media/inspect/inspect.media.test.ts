import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { KeyFrames, Waveform } from '#shared/contract/inspect/inspection.ts'
import { fileInput } from '../probe/media-input.ts'
import { type MediaWorkspace, openMediaWorkspace } from '../testing/media-workspace.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const inspect = async (path: string, what: 'waveform' | 'key_frames', readMs = 60_000) =>
  workspace.engine.inspect[what](fileInput(path), {
    signal: new AbortController().signal,
    scratchDir: await workspace.newDir(),
    readMs,
  })
const waveformOf = async (path: string, readMs?: number) =>
  (await inspect(path, 'waveform', readMs)) as Waveform
const keyFramesOf = async (path: string) => (await inspect(path, 'key_frames')) as KeyFrames

const KEY_EVERY_12 = ['-g', '12', '-keyint_min', '12', '-sc_threshold', '0', '-pix_fmt', 'yuv420p']

describe('a waveform', () => {
  test('shows where the audio is loud, and is silent where it begins late', async () => {
    const path = await workspace.clips.generated('mp4', [
      ...['-f', 'lavfi', '-i', 'color=s=96x64:r=24:d=3'],
      ...['-f', 'lavfi', '-i', "aevalsrc='if(between(t,1,2),0.9,0.05)*sin(2*PI*440*t)':d=2"],
      ...['-filter_complex', '[1:a]asetpts=PTS+1/TB[a]', '-map', '0:v', '-map', '[a]'],
    ])
    const waveform = await waveformOf(path)
    expect(waveform).toMatchObject({ complete: true, peaks_per_second: 50 })
    const mean = (from: number, to: number) => {
      const part = waveform.peaks.slice(from * 50, to * 50)
      return part.reduce((sum, peak) => sum + peak, 0) / part.length
    }
    expect(mean(0, 0.9)).toBeLessThan(3)
    expect(mean(1.1, 1.9)).toBeGreaterThan(5)
    expect(mean(1.1, 1.9)).toBeLessThan(25)
    expect(mean(2.1, 2.9)).toBeGreaterThan(180)
    expect(waveform.peaks.length / 50).toBeCloseTo(waveform.duration, 0)
  })

  test('of a video without audio is empty', async () => {
    const path = await workspace.clips.clip({ audio: false })
    expect(await waveformOf(path)).toMatchObject({ complete: true, peaks: [], covered_seconds: 2 })
  })

  test('of a file that takes too long to read is what was read until then', async () => {
    const path = await workspace.clips.generated('wav', ['-f', 'lavfi', '-i', 'anoisesrc=r=48000:d=900'])
    const waveform = await waveformOf(path, 150)
    expect(waveform.complete).toBe(false)
    expect(waveform.covered_seconds).toBeLessThan(waveform.duration)
    expect(waveform.peaks.length).toBeLessThan(16_000)
  })
})

describe('key frames', () => {
  test.each(['mp4', 'mkv', 'ts'])(
    'of %s are at their times, counted from the beginning of the file',
    async (extension) => {
      const path = await workspace.clips.clip({ extension, options: KEY_EVERY_12 })
      const { times, ...rest } = await keyFramesOf(path)
      expect(rest).toMatchObject({ complete: true })
      expect(times).toHaveLength(4)
      for (const [index, time] of times.entries()) expect(time - (times[0] ?? 0)).toBeCloseTo(index * 0.5, 2)
      expect(times[0]).toBeLessThan(0.1)
    },
  )

  test('and the waveform of a transport stream in which one begins late are counted from the same beginning', async () => {
    const path = await workspace.clips.generated('ts', [
      ...['-itsoffset', '1', '-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=24:d=2'],
      ...['-f', 'lavfi', '-i', "aevalsrc='gte(t,1)*0.5*sin(2*PI*440*t)':s=48000:d=2", ...KEY_EVERY_12],
    ])
    const { times } = await keyFramesOf(path)
    expect(times[0]).toBeCloseTo(1, 1)
    const { peaks, peaks_per_second: rate } = await waveformOf(path)
    expect(peaks.findIndex((peak) => peak > 20) / rate).toBeCloseTo(1, 1)
    const other = await workspace.clips.generated('ts', [
      ...['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=24:d=2', '-itsoffset', '1'],
      ...['-f', 'lavfi', '-i', 'sine=d=1', ...KEY_EVERY_12],
    ])
    const late = await waveformOf(other)
    expect(late.peaks.findIndex((peak) => peak > 20) / late.peaks_per_second).toBeCloseTo(1, 1)
  })

  test('of a file without video are none', async () => {
    const path = await workspace.clips.generated('wav', ['-f', 'lavfi', '-i', 'sine=d=1'])
    expect(await keyFramesOf(path)).toMatchObject({ complete: true, times: [] })
  })
})

test('a file that is no media is refused', async () => {
  const path = await workspace.clips.generated('txt', [
    ...['-f', 'lavfi', '-i', 'testsrc2=s=96x64:d=0.1', '-f', 'framecrc'],
  ])
  await expect(inspect(path, 'waveform')).rejects.toMatchObject({ code: 'media.unreadable' })
})
