import { formatOf, type VideoCodec } from '../formats.ts'
import type { RecipeFields } from './fields.ts'
import type { Output } from './output.ts'

type OutputIssue = { field: keyof Output; message: string }

type Rule = (output: Output, audio: RecipeFields['audio']) => OutputIssue[]

/** What is wrong with an output whose fields are each valid on their own; `audio` is the recipe's. */
export const outputIssues = (output: Output, audio: RecipeFields['audio']): OutputIssue[] =>
  RULES.flatMap((rule) => rule(output, audio))

const issueIf = (violated: unknown, field: keyof Output, message: string): OutputIssue[] =>
  violated ? [{ field, message }] : []

const codecFitsFormat: Rule = ({ codec, format }) => {
  const { codecs } = formatOf(format)
  const message =
    codecs.length > 0
      ? `\`${format}\` supports ${codecs.join(', ')}`
      : `\`${format}\` does not support \`codec\`; remove it`
  return issueIf(codec && !codecs.includes(codec), 'codec', message)
}

/** Largest crf of each encoder: 51 for x264 and x265, 63 for libvpx-vp9 and SVT-AV1. */
const MAX_CRF: Record<VideoCodec, number> = { h264: 51, hevc: 51, av1: 63, vp9: 63 }

const crfIsOnScale: Rule = ({ codec, crf, format }) => {
  const encoded = codec ?? formatOf(format).codecs[0] ?? 'h264'
  const limit = MAX_CRF[encoded]
  return issueIf(crf !== undefined && crf > limit, 'crf', `must be at most ${limit} for ${encoded}`)
}

const crfOrBitrate: Rule = ({ crf, bitrate }) =>
  issueIf(crf !== undefined && bitrate, 'bitrate', 'give either `crf` or `bitrate`, not both')

const qualityStandsAlone: Rule = ({ quality, crf, bitrate }) =>
  issueIf(
    quality && (crf !== undefined || bitrate),
    'quality',
    'give only one of `quality`, `crf` and `bitrate`',
  )

const rateControlNeedsVideo: Rule = ({ crf, bitrate, format }) => {
  if (formatOf(format).kind === 'video') return []
  return [
    ...issueIf(crf !== undefined, 'crf', `\`${format}\` does not support \`crf\`; remove it`),
    ...issueIf(bitrate, 'bitrate', `\`${format}\` does not support \`bitrate\`; remove it`),
  ]
}

const sizeNeedsVideo: Rule = ({ width, fps, format }) => {
  if (formatOf(format).kind !== 'audio') return []
  return [
    ...issueIf(width, 'width', `\`${format}\` has no video; remove \`width\``),
    ...issueIf(fps, 'fps', `\`${format}\` has no video; remove \`fps\``),
  ]
}

const audioFormatIsNotMuted: Rule = ({ format }, audio) =>
  issueIf(
    audio === 'mute' && formatOf(format).kind === 'audio',
    'format',
    `\`${format}\` holds only audio, which \`audio: mute\` removes`,
  )

const audioOptionsNeedAudio: Rule = (output, audio) => {
  if (audio !== 'mute' && formatOf(output.format).kind !== 'silent') return []
  return (['audio_bitrate', 'sample_rate', 'channels'] as const).flatMap((field) =>
    issueIf(output[field], field, 'the output has no audio; remove this field'),
  )
}

const wavHasNoBitrate: Rule = ({ format, audio_bitrate }, audio) =>
  issueIf(
    format === 'wav' && audio_bitrate && audio !== 'mute',
    'audio_bitrate',
    '`wav` is uncompressed and has no bit rate; remove `audio_bitrate`',
  )

/** Opus, the audio codec of ogg and webm here, is always 48 kHz: https://www.rfc-editor.org/rfc/rfc7845 */
const opusIs48kHz: Rule = ({ format, sample_rate }) =>
  issueIf(
    (format === 'ogg' || format === 'webm') && sample_rate && sample_rate !== 48_000,
    'sample_rate',
    `\`${format}\` supports only 48000`,
  )

/** The highest bit rate of MPEG-1 Layer III. */
const MP3_MAX_KBITS = 320

const mp3BitrateIsPossible: Rule = ({ format, audio_bitrate = 0 }) =>
  issueIf(
    format === 'mp3' && audio_bitrate > MP3_MAX_KBITS,
    'audio_bitrate',
    `\`mp3\` supports at most ${MP3_MAX_KBITS}`,
  )

const RULES = [
  codecFitsFormat,
  crfIsOnScale,
  crfOrBitrate,
  qualityStandsAlone,
  rateControlNeedsVideo,
  sizeNeedsVideo,
  audioFormatIsNotMuted,
  audioOptionsNeedAudio,
  wavHasNoBitrate,
  opusIs48kHz,
  mp3BitrateIsPossible,
]
