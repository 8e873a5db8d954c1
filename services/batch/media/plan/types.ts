import type { Run } from '../ffmpeg/command-line.ts'
import type { MediaLimits } from '../probe/media-input.ts'
import type { Size } from './geometry.ts'

/**
 * Threads for each encoder (0: it chooses), where outputs go, and the bounds of what is decoded. `copy` allows
 * streams that already fit to be taken as they are; `toneMap` says whether this ffmpeg can bring HDR to SDR.
 */
export type PlanOptions = {
  threads: number
  outputDir: string
  limits: MediaLimits
  copy?: boolean
  toneMap?: boolean
}

/**
 * What a sound or video must turn out to be. Seconds, pixels, frames per second; null: as it comes. Codecs are
 * those of streams taken as they are, of which a container may say anything.
 */
export type Expected = {
  seconds: number
  width: number | null
  height: number | null
  fps: number | null
  hasVideo: boolean
  hasAudio: boolean
  videoCodec?: string | undefined
  audioCodec?: string | undefined
}

/**
 * A file of the result. `expected` is null for what is no sound or video. `streams` tells that it can be sent on
 * while it is written.
 */
export type PlannedOutput = {
  name: string
  path: string
  contentType: string
  expected: Expected | null
  /** Of a still picture, in pixels. */
  size?: Size
  streams: boolean
}

/** A small text file that is written beside what ffmpeg makes. */
export type TextFile = { path: string; text: string }

/** Everything that will be done for a recipe, and what must come out of it. Nothing has happened yet. */
export type Plan = {
  runs: (Run & { args: string[] })[]
  outputs: PlannedOutput[]
  texts: TextFile[]
  /** Files between runs, of no use afterwards. */
  scratch: string[]
  /** True when streams are taken as they are; should that not work, plan again without. */
  copies: boolean
}
