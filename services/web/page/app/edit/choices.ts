import type { FormatName, VideoCodec } from '#shared/contract/formats.ts'
import type { PresetName } from '#shared/contract/presets.ts'
import type { Thumbnails } from '#shared/contract/recipe/thumbnails.ts'
import type { Watermark } from '#shared/contract/recipe.ts'

/** An image or clip beside the sources; its id is there when its upload has begun. */
export type AssetReference = { readonly uploadId: { readonly value: string | undefined } }

export type WatermarkChoice<Asset extends AssetReference = AssetReference> = Omit<Watermark, 'image'> & {
  image: Asset
}
export type BumperChoice<Asset extends AssetReference = AssetReference> =
  | { kind: 'logo'; seconds: number }
  | { kind: 'image' | 'clip'; seconds: number; asset: Asset }

/** One file of the result. */
export type OutputChoice = {
  /** Without extension; undefined for one that the service or the page chooses. */
  name?: string | undefined
  format: FormatName
  quality: 'auto' | 'draft' | 'standard' | 'high'
  /** Constant rate factor, in place of `quality`. */
  crf?: number | undefined
  /** Of the video in kbit/s, in place of `quality` and `crf`. */
  bitrate?: number | undefined
  /** Undefined for the default of the format. */
  codec?: VideoCodec | undefined
  /** Frames per second; undefined for those of the source. */
  fps?: number | undefined
  /** kbit/s; undefined for the default. */
  audioBitrate?: number | undefined
  /** In hertz; undefined for that of the source, or what the format needs. */
  sampleRate?: SampleRate | undefined
  /** 1 for mono, 2 for stereo; undefined for those of the source. */
  channels?: 1 | 2 | undefined
  /** The shorter side in pixels, at most. */
  size: 'source' | (typeof SIZES)[number]
}

export const SAMPLE_RATES = [22_050, 32_000, 44_100, 48_000] as const
export type SampleRate = (typeof SAMPLE_RATES)[number]

/** The sizes that a file can be limited to: the shorter side in pixels. */
export const SIZES = [2160, 1080, 720, 480, 360] as const

/**
 * What a person chose. With the kind `clip` it is a recipe of the page's own; the other kinds are presets of the service, and the rest
 * shows what they stand for.
 */
export type Choices<Asset extends AssetReference = AssetReference> = OutputChoice & {
  kind: 'clip' | PresetName
  /** The files beside the first one, with the same edit. Parts have none. */
  more: readonly OutputChoice[]
  shape: 'keep' | '16:9' | '9:16' | '1:1' | '4:5' | '4:3' | 'custom'
  /** Of the custom shape, in pixels. */
  width: number
  height: number
  fit: 'pad' | 'crop' | 'blur' | 'stretch'
  /** Which part a crop keeps: shares of what it cuts off on the left and at the top. */
  position: { x: number; y: number }
  background: string
  /** Whether video smaller than a custom frame is enlarged. */
  upscale: boolean
  watermark?: WatermarkChoice<Asset> | undefined
  intro?: BumperChoice<Asset> | undefined
  outro?: BumperChoice<Asset> | undefined
  audio: 'keep' | 'mute' | 'normalize'
  /** Seconds of each part; undefined for one file. */
  split?: number | undefined
  /** Images taken from the result. Parts have none. */
  thumbnails?: Thumbnails | undefined
  /** How many seconds to keep of a source in which nothing is selected, at most. */
  limit?: number | undefined
}

export const DEFAULT_OUTPUT: OutputChoice = { format: 'mp4', quality: 'auto', size: 'source' }

export const DEFAULT_CHOICES: Choices<never> = {
  ...DEFAULT_OUTPUT,
  kind: 'clip',
  more: [],
  shape: 'keep',
  width: 1280,
  height: 720,
  fit: 'pad',
  position: { x: 0.5, y: 0.5 },
  background: '#000000',
  upscale: true,
  audio: 'keep',
}

const LOGO = { kind: 'logo', seconds: 1 } as const

/** What each preset stands for, as choices. */
export const PRESET_CHOICES: Record<PresetName, Choices<never>> = {
  reel: {
    ...DEFAULT_CHOICES,
    kind: 'reel',
    shape: 'custom',
    width: 640,
    height: 360,
    intro: LOGO,
    outro: LOGO,
    limit: 18,
  },
  parts: {
    ...DEFAULT_CHOICES,
    kind: 'parts',
    shape: '16:9',
    fit: 'crop',
    intro: LOGO,
    outro: LOGO,
    split: 20,
  },
  mp3: { ...DEFAULT_CHOICES, kind: 'mp3', format: 'mp3', audioBitrate: 192 },
  convert: { ...DEFAULT_CHOICES, kind: 'convert' },
}

/** The codecs that each format offers, the default first; none where there is nothing to choose. */
export const CODECS: Record<FormatName, readonly VideoCodec[]> = {
  mp4: ['h264', 'hevc', 'av1'],
  webm: ['vp9', 'av1'],
  mov: ['h264', 'hevc'],
  mkv: ['h264', 'hevc', 'av1', 'vp9'],
  gif: [],
  mp3: [],
  m4a: [],
  ogg: [],
  wav: [],
}

/** The scale of each codec's constant rate factor, from 0: its end, and what the named qualities stand for. */
export const CRF: Record<VideoCodec, { max: number; draft: number; standard: number; high: number }> = {
  h264: { max: 51, draft: 28, standard: 22, high: 18 },
  hevc: { max: 51, draft: 30, standard: 25, high: 21 },
  av1: { max: 63, draft: 45, standard: 35, high: 27 },
  vp9: { max: 63, draft: 45, standard: 35, high: 27 },
}

/** The codec of an output; undefined where there is nothing to choose. */
export const codecOf = ({ format, codec }: Pick<OutputChoice, 'format' | 'codec'>): VideoCodec | undefined =>
  CODECS[format].find((name) => name === codec) ?? CODECS[format][0]

const AUDIO_FORMATS: readonly FormatName[] = ['mp3', 'm4a', 'ogg', 'wav']

/** Whether a format has no video, so that its frame cannot be chosen. */
export const isAudio = (format: FormatName): boolean => AUDIO_FORMATS.includes(format)

type FileChoices = Pick<Choices, keyof OutputChoice | 'more' | 'split'>

/** Whether the result comes in parts, as one file each. */
export const isSplit = ({ format, split }: Pick<Choices, 'format' | 'split'>): boolean =>
  split !== undefined && format !== 'gif'

/** The files that are made, the first one first. */
export const filesOf = (choices: FileChoices): readonly OutputChoice[] =>
  isSplit(choices) ? [choices] : [choices, ...choices.more]

/** Whether any file shows video, so that the frame and what is put on it matter. */
export const hasVideo = (choices: FileChoices): boolean =>
  filesOf(choices).some(({ format }) => !isAudio(format))

/** What happens to the audio. Files of audio alone are not muted. */
export const audioOf = (choices: FileChoices & Pick<Choices, 'audio'>): Choices['audio'] => {
  const files = filesOf(choices)
  const isImpossible =
    choices.audio === 'mute'
      ? files.some(({ format }) => isAudio(format))
      : files.every(({ format }) => format === 'gif')
  return isImpossible ? 'keep' : choices.audio
}

/** Whether a file has audio; `audio` as `audioOf` returns it. */
export const isAudible = (format: FormatName, audio: Choices['audio']): boolean =>
  format !== 'gif' && audio !== 'mute'

/** The sample rates that a format offers: Opus, the audio of WebM and Ogg, has one. */
export const sampleRatesOf = (format: FormatName): readonly SampleRate[] =>
  format === 'webm' || format === 'ogg' ? SAMPLE_RATES.slice(-1) : SAMPLE_RATES

/** The width of a frame whose shorter side has this length: even, and within what the service takes. */
export function widthFor(shorter: number, aspect: number): number {
  const width = aspect > 1 ? shorter * aspect : shorter
  return Math.min(4096, Math.max(16, Math.round(width / 2) * 2))
}

export type Size = { width: number; height: number }

/** The aspect ratio, width by height, of a shape for video of this size. */
export function aspectOf(
  { shape, width, height }: Pick<Choices, 'shape' | 'width' | 'height'>,
  video: Size,
): number {
  if (shape === 'keep') return video.width / video.height
  if (shape === 'custom') return width / height
  const [across = 1, down = 1] = shape.split(':').map(Number)
  return across / down
}
