import { plain } from '../filter-graph.ts'

/** Audio as a decoder delivers it. `mixed`: some of it may have been mixed down from more channels, and exceed full scale. */
export type SourceChannels = { channels: number; mixed?: boolean }

/** The peak of a mix, in dBFS. Lossy encoders overshoot: with less to spare, AAC of dense mixes exceeds full scale. */
const MIX_PEAK_DB = -3

/**
 * Filters that bring audio to mono or stereo, as planar floats; `resample` is their resampler. Stereo and mono that stay
 * what they are pass unchanged. Measurements are in docs/decisions/0013.
 */
export function mixChannels(
  { channels, mixed = false }: SourceChannels,
  target: 1 | 2,
  resample: string,
): string[] {
  const exceeds = channels > 2 || mixed
  return [
    ...(channels === 1 && target === 2 ? [KEEP_MONO_LEVEL] : []),
    resample,
    planarFloat(channels === 1 ? target : 2),
    // ffmpeg adds centre and surrounds to the fronts in full, so that dialogue keeps its level and peaks add up.
    ...(exceeds ? [LIMIT_MIX] : []),
    ...(channels > 1 && target === 1 ? [AVERAGE, planarFloat(1)] : []),
  ]
}

/**
 * ffmpeg spreads mono over two channels at -3 dB each; players give both speakers all of it. The condition holds for
 * every stretch of audio that changes its channels. A resampler must follow: without one, this filter gets stereo.
 */
const KEEP_MONO_LEVEL = "volume=volume='if(eq(nb_channels,1),sqrt(2),1)'"

/** Leaves what is below the limit as it is, to the bit. */
const LIMIT_MIX = `alimiter=limit=${plain(10 ** (MIX_PEAK_DB / 20))}:level=0:attack=5:release=50:latency=1`

/** ffmpeg's own mono is 3 dB louder for what both channels share, and clips. */
const AVERAGE = 'pan=mono|c0=0.5*c0+0.5*c1'

/** Filters that bring the stereo of a graph to mono. */
export const stereoToMono: string[] = [AVERAGE, planarFloat(1)]

/** The filter that sets sample format and layout. */
export function planarFloat(channels: 1 | 2): string {
  return `aformat=sample_fmts=fltp:channel_layouts=${channels === 1 ? 'mono' : 'stereo'}`
}
