/**
 * What things cost, as measured with ffmpeg 5.1 on two cores: CPU milliseconds for a million pixels (`ms`) and
 * size against x264 veryfast at crf 22 (`size`), encoding the same 4 s of a camera's picture at 640x360 with the
 * options of media/encoders.ts. Rows marked * are from an 18 s clip of an animated film at 1080p instead, whose
 * whole reel took 5.8 CPU s: 3.0 to decode, 0.6 to scale, 1.5 to encode, 0.5 for the sound. Between two machines,
 * and two scenes, a factor of two is usual.
 */
type Encoder = {
  ms: number
  size: number
  /** The crf that was measured with; this many less double the size. */
  crf: number
  doubling: number
}

const x26 = { doubling: 6 }
const av1vp9 = { doubling: 12 }

/** By encoder and its speed: -preset, or -cpu-used. */
const ENCODERS: Record<string, Record<string, Encoder>> = {
  libx264: {
    ultrafast: { ms: 6, size: 1.2, crf: 28, ...x26 },
    // * 14.6 there, 23 here.
    veryfast: { ms: 18, size: 1, crf: 22, ...x26 },
    medium: { ms: 58, size: 2.1, crf: 18, ...x26 },
  },
  libx265: {
    ultrafast: { ms: 33, size: 0.26, crf: 30, ...x26 },
    veryfast: { ms: 76, size: 0.51, crf: 25, ...x26 },
    medium: { ms: 106, size: 0.86, crf: 21, ...x26 },
  },
  libsvtav1: {
    12: { ms: 40, size: 0.29, crf: 45, ...av1vp9 },
    9: { ms: 100, size: 0.48, crf: 35, ...av1vp9 },
    6: { ms: 430, size: 0.66, crf: 27, ...av1vp9 },
  },
  'libvpx-vp9': {
    8: { ms: 16, size: 0.52, crf: 40, ...av1vp9 },
    5: { ms: 117, size: 0.56, crf: 33, ...av1vp9 },
    2: { ms: 187, size: 0.92, crf: 26, ...av1vp9 },
  },
}

/** The figures of an encoder; of x264 veryfast for one that was not measured: pictures below 64 pixels, say. */
export const encoderFigures = (encoder: string, speed: string): Encoder =>
  ENCODERS[encoder]?.[speed] ?? { ms: 18, size: 1, crf: 22, ...x26 }

/** CPU milliseconds to decode a million pixels. h264 * is 3.4; scaling them down is another 0.6. */
const DECODING: Record<string, number> = {
  h264: 3.4,
  hevc: 3.9,
  av1: 2.9,
  vp9: 2.7,
  vp8: 2.7,
  mpeg2video: 1.4,
  mpeg4: 1.4,
  prores: 8,
}
export const decodingMs = (codec: string): number => DECODING[codec] ?? 3.4
export const SCALING_MS = 0.6

/** Size of the same picture against H.264; left out where a file's size says little of what is in it. */
const WEIGHTS: Record<string, number> = { h264: 1, hevc: 0.55, av1: 0.5, vp9: 0.6, vp8: 1.2, mpeg2video: 2.3 }
export const codecWeight = (codec: string): number | undefined => WEIGHTS[codec]

/** CPU seconds for a second of sound: encoders, decoding, and measuring its loudness. */
export const SOUND: Record<string, number> = {
  aac: 0.025,
  libopus: 0.009,
  libmp3lame: 0.0085,
  pcm_s16le: 0.001,
}
export const SOUND_DECODING = 0.002
export const LOUDNESS = 0.03

/** A GIF: choosing its palette and drawing with it, and the bits of a pixel. */
export const GIF = { ms: 184, bitsPerPixel: 2.9 }

/** Bytes of a pixel of a JPEG at -q:v 3: 0.04 in a soft picture, 0.08 in a sharp one. */
export const JPEG_BYTES_PER_PIXEL = 0.07

/** CPU milliseconds for each MB that is read or written: taking containers apart, and putting them together. */
export const MB_MS = 2.4

/** Seconds to start ffmpeg, and to probe a file. */
export const START_S = 0.065
export const PROBE_S = 0.07

/** Share of the cores that an encode keeps busy: 5.8 CPU s in 3.35 s on two. */
export const BUSY = 0.87

/**
 * Bits a second of x264 veryfast, crf 22, at 640x360 and 24 frames: 603,000 * of the film, 295,000 of the
 * camera. With more pixels it grows by the power of 0.75, as is usual: neighbours are alike.
 */
export const REFERENCE = { bitsPerSecond: 450_000, pixelsPerSecond: 640 * 360 * 24, power: 0.75 }

/** Room that x264 veryfast takes beyond a slower encoder's result. */
export const LOOSER = 1.3

/** A still picture's second against a moving one's. */
export const STILL = 0.03
