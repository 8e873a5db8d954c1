import { describe, expect, test } from '@jest/globals'
import { trackParameters } from './parameter-changes.ts'

/** Feeds frames of 1024 samples, `seconds` of them at each rate, one after the other. */
function changesOf(...parts: { rate: number; seconds: number; from: number; channels?: number }[]) {
  const parameters = trackParameters()
  for (const { rate, seconds, from, channels = 2 } of parts) {
    for (let n = 0; n * 1024 < seconds * rate; n++)
      parameters.addAudio(from + (n * 1024) / rate, 1024, channels)
  }
  return parameters.changes
}

describe('audio', () => {
  test('that stays what it is does not change', () => {
    expect(changesOf({ rate: 48_000, seconds: 9, from: 0 })).toEqual([])
  })

  test('changes channels at a frame', () => {
    expect(
      changesOf(
        { rate: 48_000, seconds: 4, from: 0, channels: 1 },
        { rate: 48_000, seconds: 4, from: 4, channels: 6 },
      ),
    ).toEqual([{ kind: 'audio', at: 4, from: '1 channel', to: '6 channels' }])
  })

  test('changes its sample rate within a second or two', () => {
    const changes = changesOf({ rate: 48_000, seconds: 4, from: 0 }, { rate: 44_100, seconds: 4, from: 4 })
    expect(changes).toMatchObject([{ kind: 'audio', from: '48000 Hz', to: '44100 Hz' }])
    expect(changes[0]?.at).toBeGreaterThan(3.9)
    expect(changes[0]?.at).toBeLessThan(6)
  })

  test.each([0.0888, 0.5, 7, -3])('keeps its sample rate over a gap of %s s', (gap) => {
    expect(
      changesOf({ rate: 48_000, seconds: 4, from: 0 }, { rate: 48_000, seconds: 4, from: 4 + gap }),
    ).toEqual([])
  })

  test('without timestamps has no sample rate', () => {
    const parameters = trackParameters()
    for (let n = 0; n < 500; n++) parameters.addAudio(Number.NaN, 1024, 2)
    expect(parameters.changes).toEqual([])
  })
})

test('video changes its size', () => {
  const parameters = trackParameters()
  parameters.addVideo(0, 1920, 1080)
  parameters.addVideo(2, 1920, 1080)
  parameters.addVideo(4, 1280, 720)
  expect(parameters.changes).toEqual([
    { kind: 'video', at: 4, from: '1920x1080 pixels', to: '1280x720 pixels' },
  ])
})

test('video changes the aspect of its pixels', () => {
  const parameters = trackParameters()
  parameters.addVideo(0, 720, 576, '16:15')
  parameters.addVideo(2, 720, 576, '16:15')
  parameters.addVideo(4, 720, 576, '64:45')
  parameters.addVideo(6, 1280, 720, '1:1')
  parameters.addVideo(Number.NaN, 1280, 720, 'N/A')
  expect(parameters.changes).toEqual([
    { kind: 'video', at: 4, from: 'a pixel aspect of 16:15', to: 'a pixel aspect of 64:45' },
    { kind: 'video', at: 6, from: '720x576 pixels', to: '1280x720 pixels' },
    { kind: 'video', at: 6, from: 'a pixel aspect of 64:45', to: 'a pixel aspect of 1:1' },
  ])
  expect(parameters.shapes).toEqual([
    { from: 0, width: 720, height: 576, pixelAspect: 16 / 15 },
    { from: 4, width: 720, height: 576, pixelAspect: 64 / 45 },
    { from: 6, width: 1280, height: 720, pixelAspect: 1 },
  ])
})
