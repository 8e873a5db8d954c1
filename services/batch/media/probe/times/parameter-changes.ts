/**
 * What ffprobe is to print about each decoded frame: lines of `media_type|stream_index|pts_time`, then samples and channels, or width,
 * height and pixel aspect.
 */
export const FRAME_ENTRIES =
  'frame=media_type,stream_index,pts_time,nb_samples,channels,width,height,sample_aspect_ratio'

/** A stream whose frames differ from those before, from `at` on, in seconds. `from` and `to`: such as "2 channels". */
export type ParameterChange = { kind: 'video' | 'audio'; at: number; from: string; to: string }

/** The shape of the frames of a video from a second on: pixels, and the width of a pixel for its height. */
export type VideoShape = { from: number; width: number; height: number; pixelAspect: number }

/** Follows the parameters of the frames that it receives, with their times in seconds. `aspect`: of pixels, such as `16:15`. */
export type ParameterTracker = {
  addVideo(at: number, width: number, height: number, aspect?: string): void
  addAudio(at: number, samples: number, channels: number): void
  changes: ParameterChange[]
  /** The shapes of the video, in order. Those of frames without a time are left out. */
  shapes: VideoShape[]
}

export function trackParameters(): ParameterTracker {
  const changes: ParameterChange[] = []
  const track = (kind: ParameterChange['kind']) => {
    let current: string | undefined
    return (at: number, next: string) => {
      if (current !== undefined && current !== next) changes.push({ kind, at, from: current, to: next })
      current = next
    }
  }
  const size = track('video')
  const pixels = track('video')
  const shapes: VideoShape[] = []
  const channelCount = track('audio')
  const sampleRate = estimateSampleRate(track('audio'))
  return {
    addVideo(at, width, height, aspect = '1:1') {
      size(at, `${width}x${height} pixels`)
      const ratio = parseAspect(aspect)
      pixels(at, `a pixel aspect of ${ratio ? aspect : '1:1'}`)
      const shape = { from: at, width, height, pixelAspect: ratio ?? 1 }
      if (Number.isFinite(at) && !isSameShape(shape, shapes.at(-1))) shapes.push(shape)
    },
    addAudio(at, samples, channels) {
      channelCount(at, channels === 1 ? '1 channel' : `${channels} channels`)
      sampleRate(at, samples)
    },
    changes,
    shapes,
  }
}

/** "16:15" as a number; undefined where it is not stated. */
function parseAspect(aspect: string): number | undefined {
  const [width = 0, height = 0] = aspect.split(':').map(Number)
  return width > 0 && height > 0 ? width / height : undefined
}

const isSameShape = (one: VideoShape, other: VideoShape | undefined): boolean =>
  one.width === other?.width && one.height === other.height && one.pixelAspect === other.pixelAspect

/** Hz. */
const SAMPLE_RATES = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000]
/** Timestamps are rounded, and packets share them. */
const RATE_TOLERANCE = 0.01
/** Seconds over which samples are counted. */
const WINDOW_S = 1

/**
 * ffprobe prints no sample rate of a frame: it follows from samples and timestamps. Two windows in a row have to agree on
 * another rate, since a gap also leaves one with fewer samples.
 */
function estimateSampleRate(onRate: (at: number, rate: string) => void) {
  let from = Number.NaN
  let counted = 0
  let previous: { rate: number; from: number } | undefined
  return (at: number, samples: number) => {
    if (!Number.isFinite(at)) return
    if (!(at - from < WINDOW_S && at >= from)) {
      const measured = counted / (at - from)
      const rate = SAMPLE_RATES.find((each) => Math.abs(measured / each - 1) < RATE_TOLERANCE)
      if (rate !== undefined && rate === previous?.rate) onRate(previous.from, `${rate} Hz`)
      previous = rate === undefined ? undefined : { rate, from }
      from = at
      counted = 0
    }
    counted += samples
  }
}
