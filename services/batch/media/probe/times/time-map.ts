import type { MediaWarning } from '#shared/contract/media-info.ts'
import type { ParameterChange, VideoShape } from './parameter-changes.ts'

/** When a stream plays, in seconds from the beginning of its source, and how many packets it has. */
export type StreamTimes = { start: number; end: number; packets: number }

/** A stretch without packets, in seconds from the beginning of the source. */
export type TimeGap = { from: number; to: number }

/** A frame that decoding can start with: when it is shown, and when it is decoded. */
export type KeyFrame = { shownAt: number; decodedAt: number }

/**
 * When the used streams of a source play, measured by their packets. Seconds count from the beginning of the source:
 * the moment at which the earliest of these streams starts.
 */
export type TimeMap = {
  video: StreamTimes | null
  audio: StreamTimes | null
  /** The latest end. */
  end: number
  /** Where on the container's own clock the source begins. */
  origin: number
  /** How much later than ffmpeg's own zero, the start of the earliest stream of any kind, the source begins. */
  shift: number
  /** ffmpeg's own zero is the earliest stream that a run uses, unless it seeks: the shift then counts only behind a seek. */
  startsAtUsed?: true
  /**
   * The start of the container, in seconds, where ffmpeg counts as if that were 0 once it has sought. See
   * `createUncountedStartFinder`.
   */
  uncountedStart?: number | undefined
  /**
   * Key frames of the video, ascending and at least half a second apart. The two times of one are far apart when it
   * ends a still scene.
   */
  keyFrames: KeyFrame[]
  /** Frames per second of the video while it moves; undefined for a few frames. */
  peakRate?: number | undefined
  /** False for raw streams: their packets only have durations, if that, or times at which they are decoded. */
  hasTimestamps: boolean
  /** False when timestamps start anew or jump on the way. Seeking by time then leads to the wrong place. */
  continuous: boolean
  /** The longest gap that is kept where timestamps start anew, in seconds; ffmpeg's own when left out. */
  longestGap?: number
  /** Where the audio has no packets for a while; left out when it has everywhere. */
  audioGaps?: TimeGap[]
  /** Where streams change their parameters, as far as it was measured. */
  changes: ParameterChange[]
  /** The shapes of the video, from a second of the source on each; left out where it keeps the first. */
  shapes?: VideoShape[]
  warnings: MediaWarning[]
}
