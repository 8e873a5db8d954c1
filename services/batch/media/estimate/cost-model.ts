// What work costs besides encoding, whose figures stand with the encoders (plan/encoders.ts). Measured with ffmpeg 5.1
// on two cores, on an 18 s clip of an animated film at 1080p: its whole reel took 5.8 CPU s, 3.0 of them to decode, 0.6
// to scale, 1.5 to encode, 0.5 for the audio. Between two machines, or two scenes, a factor of two is usual.

/** CPU milliseconds to decode a million pixels. */
const DECODING_MS: Record<string, number> = {
  h264: 3.4,
  hevc: 3.9,
  av1: 2.9,
  vp9: 2.7,
  vp8: 2.7,
  mpeg2video: 1.4,
  mpeg4: 1.4,
  prores: 8,
}
/** CPU milliseconds to decode a million pixels of a codec; those of H.264 for one that was not measured. */
export const decodingMs = (codec: string): number => DECODING_MS[codec] ?? 3.4
/** CPU milliseconds to scale a million decoded pixels down. */
export const SCALING_MS = 0.6

/** Size of the same video against H.264. Absent where a file's size says little about its content. */
const CODEC_WEIGHTS: Record<string, number> = {
  h264: 1,
  hevc: 0.55,
  av1: 0.5,
  vp9: 0.6,
  vp8: 1.2,
  mpeg2video: 2.3,
}
export const codecWeight = (codec: string): number | undefined => CODEC_WEIGHTS[codec]

/** CPU seconds to decode a second of audio. */
export const AUDIO_DECODING_S = 0.002
/** CPU seconds to measure the loudness of a second of audio. */
export const LOUDNESS_S = 0.03
/** CPU seconds to normalize a second of audio, whose loudness is known: 300 s of stereo took 2.3. */
export const NORMALIZING_S = 0.008

/** Bytes of a JPEG's pixel at -q:v 3: 0.04 in a soft image, 0.08 in a sharp one. */
export const JPEG_BYTES_PER_PIXEL = 0.07

/** Bits of a sample of uncompressed audio. */
export const PCM_BITS = 16

/** CPU milliseconds to demux or mux a million bytes. */
export const MUXING_MS_PER_MB = 2.4

/** Seconds to start ffmpeg. */
export const START_S = 0.065
/** Seconds to probe a file. */
export const PROBE_S = 0.07

/** Share of the cores that an encode keeps busy: 5.8 CPU s in 3.35 s on two. */
export const CORE_UTILIZATION = 0.87

/**
 * Bits per second of x264 veryfast at crf 22, for 640x360 at 24 frames per second: 603,000 for the film, 295,000 for
 * camera footage. They grow by the power of 0.75 of the pixels, as is usual: neighbouring pixels are alike.
 */
export const REFERENCE = { bitsPerSecond: 450_000, pixelsPerSecond: 640 * 360 * 24, power: 0.75 }

/** What x264 veryfast takes for a source's content, against the source's own, slower encoder. */
export const FAST_ENCODER_OVERHEAD = 1.3

/** The bits and the CPU of a still second, against a moving one. */
export const STILL = 0.03

/** An MP4's index for a second: 24 frames and 47 audio packets, a dozen bytes each. */
export const INDEX_BYTES_PER_SECOND = 800
/** A container without content. */
export const EMPTY_FILE_BYTES = 1000

/** Read ahead in vain around a trim: 18 s in the middle of 2.7 GB took 27 MB in place of 13.5. */
export const TRIM_OVERHEAD_BYTES = 8 * 1024 ** 2
