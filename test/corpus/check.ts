import { type Facts, flashesOf } from './facts.ts'
import type { FileFacts, Scene } from './types.ts'

/** How much flash and beep may be apart: a frame, and the granularity of audio codecs. */
const SYNC_S = 0.05

/** How a file differs from its right values, as sentences; empty when it does not. */
export function deviations(right: FileFacts, facts: Facts): string[] {
  return CHECKS.flatMap((check) => check(right, facts))
}

type Check = (right: FileFacts, facts: Facts) => string[]

const differsBy = (what: string, actual: unknown, expected: unknown): string[] =>
  expected === undefined || actual === expected ? [] : [`${what}: ${actual} instead of ${expected}`]

const figure = (value: number | undefined) => value?.toFixed(2) ?? 'none'

function isOff(what: string, actual: number | undefined, expected: number | undefined, within: number) {
  if (expected === undefined || Math.abs((actual ?? Number.NaN) - expected) <= within) return []
  return [`${what}: ${figure(actual)} instead of ${figure(expected)}`]
}

const hasStreams: Check = ({ streams = 'both' }, { video, audio }) => [
  ...differsBy('video', Boolean(video), streams !== 'audio'),
  ...differsBy('audio', Boolean(audio), streams !== 'video'),
]

const hasDuration: Check = ({ seconds, within = 0.1 }, { seconds: whole, video, audio }) => [
  ...(whole === undefined ? [] : isOff('seconds', whole, seconds, within)),
  ...(video ? isOff('seconds of video', video.seconds, seconds, within) : []),
  ...(audio ? isOff('seconds of audio', audio.seconds, seconds, within) : []),
]

const hasFormat: Check = (right, { video, audio }) => [
  ...(right.size ? differsBy('size', `${video?.width}x${video?.height}`, right.size) : []),
  ...differsBy('video codec', video?.codec, right.videoCodec),
  ...differsBy('audio codec', audio?.codec, right.audioCodec),
  ...differsBy('channels', audio?.channels, right.channels),
  ...isOff('frames per second', video?.fps, right.fps, 0.02),
  ...(right.fpsAtLeast !== undefined && !((video?.fps ?? 0) >= right.fpsAtLeast)
    ? [`frames per second: ${figure(video?.fps)}, below ${right.fpsAtLeast}`]
    : []),
]

const showsScenes: Check = ({ scenes = [], framesWithin = 1 }, facts) =>
  scenes.flatMap((scene) => sceneDeviations(scene, framesWithin, facts))

function sceneDeviations(scene: Scene, within: number, { video }: Facts): string[] {
  const { start, end, first, rate } = scene
  const shown = (video?.frames ?? []).filter(({ at }) => at >= start - 0.001 && at < end - 0.01)
  const wrong = shown.filter(
    ({ at, number }) => Math.abs(number - (first + (at - start) * rate)) > within + 0.001,
  )
  const span = `from ${start} to ${end} s`
  if (shown.length === 0) return [`no frame ${span}`]
  const [worst] = wrong
  if (!worst) return []
  const expected = Math.round(first + (worst.at - start) * rate)
  return [
    `${wrong.length} of ${shown.length} frames ${span} are wrong: at ${figure(worst.at)} s frame ${worst.number} instead of ${expected}`,
  ]
}

const keepsTime: Check = ({ beats, beatsWithin = 0.06, inSync }, { video, audio }) => {
  const flashes = video && flashesOf(video.frames)
  return [
    ...(beats && flashes ? beatDeviations('flashes', flashes, beats, beatsWithin) : []),
    ...(beats && audio ? beatDeviations('beeps', audio.beeps, beats, beatsWithin) : []),
    ...((beats || inSync) && flashes && audio ? syncDeviations(flashes, audio.beeps) : []),
  ]
}

function beatDeviations(what: string, actual: number[], expected: number[], within: number): string[] {
  const areRight =
    actual.length === expected.length && actual.every((at, i) => Math.abs(at - (expected[i] ?? 0)) <= within)
  const list = (times: number[]) => times.map((at) => at.toFixed(2)).join(' ') || 'none'
  return areRight ? [] : [`${what} at ${list(actual)} s instead of ${list(expected)} s`]
}

/** Each flash is compared with the beep nearest to it; one without a beep within half a second has lost its own. */
function syncDeviations(flashes: number[], beeps: number[]): string[] {
  const offsets = flashes
    .map((flash) => Math.min(...beeps.map((beep) => Math.abs(beep - flash))))
    .filter((offset) => offset < 0.5)
  if (offsets.length === 0) return ['no flash with a beep']
  const worst = Math.max(...offsets)
  return worst > SYNC_S ? [`flash and beep are ${Math.round(worst * 1000)} ms apart`] : []
}

const hasLevels: Check = ({ peakBelow, level, loudness }, { audio, loudness: measured }) => [
  ...(peakBelow !== undefined && !((audio?.peak ?? 0) <= peakBelow)
    ? [`peak: ${figure(audio?.peak)} dBFS, above ${peakBelow}`]
    : []),
  ...isOff('level in dBFS', audio?.level, level, 1),
  ...isOff('loudness in LUFS', measured, loudness, 1),
]

const hex = (rgb: number[] = []) => Buffer.from(rgb).toString('hex')

const hasColours: Check = ({ colours }, { colours: measured }) => {
  if (!colours) return []
  return colours.patches.flatMap((patch, i) => {
    const actual = measured?.[i] ?? []
    const isNear = [...Buffer.from(patch, 'hex')].every(
      (value, channel) => Math.abs(value - (actual[channel] ?? Number.NaN)) <= colours.within,
    )
    return isNear ? [] : [`colour ${hex(actual)} instead of ${patch}`]
  })
}

const CHECKS = [hasStreams, hasDuration, hasFormat, showsScenes, keepsTime, hasLevels, hasColours]
