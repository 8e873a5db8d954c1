import type { FormatName, VideoCodec } from '#shared/contract/formats.ts'
import type { PresetName } from '#shared/contract/presets.ts'
import type { Watermark } from '#shared/contract/recipe.ts'

/** An image or clip beside the sources; its id is there when its upload has begun. */
export type AssetReference = { readonly uploadId: { readonly value: string | undefined } }

export type WatermarkChoice<Asset extends AssetReference = AssetReference> = Omit<Watermark, 'image'> & {
  image: Asset
}
export type BumperChoice<Asset extends AssetReference = AssetReference> =
  | { kind: 'logo'; seconds: number }
  | { kind: 'image' | 'clip'; seconds: number; asset: Asset }

/**
 * What a person chose. With the kind `clip` it is a recipe of the page's own; the other kinds are presets of the service, and the rest
 * shows what they stand for.
 */
export type Choices<Asset extends AssetReference = AssetReference> = {
  kind: 'clip' | PresetName
  format: FormatName
  quality: 'auto' | 'draft' | 'standard' | 'high'
  /** Undefined for the default of the format. */
  codec?: VideoCodec | undefined
  /** Frames per second; undefined for those of the source. */
  fps?: number | undefined
  /** kbit/s; undefined for the default. */
  audioBitrate?: number | undefined
  shape: 'keep' | '16:9' | '9:16' | '1:1' | '4:5' | '4:3' | 'custom'
  /** Of the custom shape, in pixels. */
  width: number
  height: number
  /** The shorter side in pixels, at most. */
  size: 'source' | 2160 | 1080 | 720 | 480 | 360
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
  /** How many seconds to keep of a source in which nothing is selected, at most. */
  limit?: number | undefined
}

export const DEFAULT_CHOICES: Choices<never> = {
  kind: 'clip',
  format: 'mp4',
  quality: 'auto',
  shape: 'keep',
  width: 1280,
  height: 720,
  size: 'source',
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

const AUDIO_FORMATS: readonly FormatName[] = ['mp3', 'm4a', 'ogg', 'wav']

/** Whether a format has no video, so that its frame cannot be chosen. */
export const isAudio = (format: FormatName): boolean => AUDIO_FORMATS.includes(format)

/** Whether the result has audio. */
export const isAudible = ({ format, audio }: Pick<Choices, 'format' | 'audio'>): boolean =>
  isAudio(format) || (format !== 'gif' && audio !== 'mute')

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
