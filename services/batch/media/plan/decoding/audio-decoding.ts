import type { Input } from '../../ffmpeg/command-line.ts'
import { guardSource, type MediaLimits } from '../../probe/media-input.ts'
import type { AudioEncoding } from '../encoders.ts'
import { createFilterGraph, plain } from '../filter-graph.ts'
import { conform, SHORTEST_GAP_S } from '../filters/audio-filters.ts'
import { mixChannels, type SourceChannels } from '../filters/channel-mix.ts'
import { offsetFilters, seekOf, seekOptions, timestampOptions } from '../seek.ts'
import type { AudioFormat, Plan, PlannedFile, ProbedSource, TrimRange } from '../types.ts'
import { copyToNull } from './enabled-streams.ts'

/** What audio is brought to that is decoded ahead. Peaks of a mix may exceed full scale. */
export const DECODED_FORMAT = { rate: 48_000, channels: 2, mixed: true } as const satisfies AudioFormat &
  SourceChannels

/** Filters that bring decoded audio to exactly `samples` samples. The frame that decoders lose at a change is a gap. */
export const conformDecoded = (samples: number, format: AudioFormat): string[] =>
  conform(DECODED_FORMAT, samples, format, SHORTEST_GAP_S)

const BYTES_PER_SAMPLE = 4
/** Bytes that a second of decoded audio takes. */
export const DECODED_BYTES_PER_SECOND = DECODED_FORMAT.rate * DECODED_FORMAT.channels * BYTES_PER_SAMPLE

/**
 * Raw streams of audio. The times of their packets follow from the parameters of the first one, so that they are wrong
 * behind a change: only their samples count.
 */
const RAW_CONTAINERS = ['aac', 'loas', 'mp3', 'ac3', 'eac3', 'dts', 'truehd']

/** Whether the samples of a source follow each other whatever the timestamps say. */
export const hasRawAudio = ({ info }: ProbedSource): boolean =>
  !info.video && info.container.split(',').some((name) => RAW_CONTAINERS.includes(name))

/** Whether the measured packets of a source show that its audio changes channels or sample rate. */
export const changesAudio = ({ times }: ProbedSource): boolean =>
  times?.changes.some(({ kind }) => kind === 'audio') ?? false

/**
 * Drops what follows the frame before it at a distance: at a change of the sample rate, ffmpeg gives one frame a timestamp that may
 * be seconds too late, and what comes behind it would be taken for an overlap. Behind a real gap, this costs a frame. No frame lasts
 * as long as that.
 */
const DROP_STRAY_FRAMES = "aselect='not(gt(t-prev_t,0.15))'"

const changesSampleRate = ({ times }: ProbedSource): boolean =>
  times?.changes.some(({ kind, to }) => kind === 'audio' && to.endsWith(' Hz')) ?? true

/**
 * A plan that decodes the audio of a range to one format. When audio changes its channels or sample rate on the way,
 * ffmpeg starts the whole filter graph anew: this graph survives that, since none of its filters counts from the start.
 * Timestamps are kept, so that gaps and a late start remain. Of raw audio all is decoded, without timestamps.
 */
export function planAudioDecoding(
  source: ProbedSource,
  range: TrimRange,
  path: string,
  limits: MediaLimits,
  isBumper: boolean,
): Plan {
  const { input, info } = source
  const graph = createFilterGraph()
  const raw = hasRawAudio(source)
  const seek = seekOf({ ...source, range })
  const cut = raw
    ? []
    : [
        ...offsetFilters(seek, 'audio'),
        `atrim=start=0:end=${plain(range.seconds)}`,
        ...(changesSampleRate(source) ? [DROP_STRAY_FRAMES] : []),
      ]
  // What is written for mono passes stereo and surround unchanged.
  const mix = mixChannels({ channels: 1 }, DECODED_FORMAT.channels, `aresample=${DECODED_FORMAT.rate}`)
  const audio = graph.map(graph.chain([graph.input(0, 'audio', info.audio?.index)], [...cut, ...mix]))
  const seekTo = raw ? [] : [...timestampOptions(source.times), ...seekOptions(seek)]
  const file: PlannedFile = {
    path,
    maps: raw ? [audio] : [audio, '1:a'],
    video: null,
    audio: FLOAT,
    // Core Audio counts samples, and NUT has exact timestamps. WAV and W64 state lengths of float by timestamps.
    muxer: { name: raw ? 'caf' : 'nut' },
    maxBytes: null,
  }
  return {
    runs: [
      {
        inputs: [
          {
            source: input.url,
            options: [...guardSource(input, limits, info.container), ...seekTo],
            ...(isBumper && { bumper: true as const }),
          },
          ...(raw ? [] : [ZERO_MARK]),
        ],
        graph: graph.toString(),
        files: [file, ...(info.video ? [copyToNull(`0:${info.video.index}`, 'video', range.seconds)] : [])],
        seconds: raw ? info.duration : range.seconds,
      },
    ],
    outputs: [],
    texts: [],
    scratch: [],
  }
}

const FLOAT: AudioEncoding = { encoder: 'pcm_f32le', kbits: null, sampleRate: null, channels: null }

/** One sample at 0. ffmpeg shifts every input to its first timestamp, and audio that starts late must not be shifted. */
const ZERO_MARK: Input = { source: 'anullsrc=r=48000:cl=mono,atrim=end_sample=1', options: ['-f', 'lavfi'] }
