import type { MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import { createFrameTimes } from './frame-times.ts'

/** Rates that differ by less than this are one rate. */
const TOLERANCE = 0.03
/** An average that is this near to the measured rate is that rate; one that is further off may lack frames. */
const EXACT_FPS = 0.1
/** What is called faster than this is a time base. */
const FASTEST_FPS = 60

/**
 * A video with the rate at which its frames were measured to follow each other while it moves. Where its container states
 * nearly that rate, the container is exact: it tells 29.97 from 30. `average`: frames per second as measured, if they were.
 */
export function withPeakRate(
  video: VideoInfo,
  peak: number | undefined,
  average: number | undefined = undefined,
): VideoInfo {
  if (peak === undefined || video.interlaced) return video
  const moves = average === undefined || peak > average * 1.02 || video.fps > FASTEST_FPS
  const isMisstated = moves && !isNear(peak, video.fps)
  if (!video.variable_fps && !isMisstated) return video
  const { peak_fps: nominal = 0, fps } = video
  const stated = isNear(peak, nominal) ? nominal : Math.abs(peak - fps) < EXACT_FPS ? fps : undefined
  return { ...video, variable_fps: true, peak_fps: stated ?? Math.round(peak * 1000) / 1000 }
}

const isNear = (one: number, other: number) => Math.abs(one / other - 1) < TOLERANCE

/** Video is rarely slower than this; a recording that begins with a still scene is, at its beginning. */
const SLOW_FPS = 23
/** Containers that count no frames, so that ffprobe takes the rate of the first seconds for that of all. */
const UNCOUNTED = /matroska|flv/

/** Whether the container leaves open at which rate a video moves: some packets then show. */
export function needsRateSample({ container, video }: Pick<MediaInfo, 'container' | 'video'>): boolean {
  if (!video || video.interlaced) return false
  return video.variable_fps || (video.fps < SLOW_FPS && UNCOUNTED.test(container))
}

/** Frames of each sample. */
const SAMPLE_FRAMES = 100
/** Where samples begin, as shares of the duration: a recording may stand still for long at either end. */
const SAMPLES_AT = [0, 0.2, 0.4, 0.6, 0.8]

/**
 * What ffprobe is to print about a video whose rate varies: when some hundred frames are shown, one a line. They are a few
 * seconds of motion, or minutes of still scenes of which little is stored.
 */
export function rateSampleOptions({ container, start = 0, duration, video }: MediaInfo): string[] {
  const starts = container === 'gif' ? [0] : SAMPLES_AT
  const frames = (SAMPLE_FRAMES * SAMPLES_AT.length) / starts.length
  const intervals = starts.map((share) => `${(start + share * duration).toFixed(3)}%+#${frames}`)
  return [
    ...['-select_streams', String(video?.index ?? 'v'), '-read_intervals', intervals.join()],
    ...['-show_entries', 'packet=pts_time', '-print_format', 'csv=p=0'],
  ]
}

/** The rate of the frames that ffprobe printed; undefined when they are too few. */
export function parseRateSample(printed: string): number | undefined {
  const frames = createFrameTimes()
  for (const line of printed.split('\n')) frames.add(Number.parseFloat(line))
  return frames.peakRate()
}
