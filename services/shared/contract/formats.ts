/** Video codecs that outputs can be encoded with. */
export const VIDEO_CODECS = ['h264', 'hevc', 'av1', 'vp9'] as const
export type VideoCodec = (typeof VIDEO_CODECS)[number]

type Format = {
  /** The streams it can hold: `video` is video and audio, `silent` is video only, `audio` is audio only. */
  kind: 'video' | 'silent' | 'audio'
  contentType: string
  /** Video codecs it can hold. The first is the default. */
  codecs: readonly VideoCodec[]
}

/** Every output format. */
const FORMATS = {
  mp4: { kind: 'video', contentType: 'video/mp4', codecs: ['h264', 'hevc', 'av1'] },
  webm: { kind: 'video', contentType: 'video/webm', codecs: ['vp9', 'av1'] },
  mov: { kind: 'video', contentType: 'video/quicktime', codecs: ['h264', 'hevc'] },
  mkv: { kind: 'video', contentType: 'video/x-matroska', codecs: ['h264', 'hevc', 'av1', 'vp9'] },
  gif: { kind: 'silent', contentType: 'image/gif', codecs: [] },
  mp3: { kind: 'audio', contentType: 'audio/mpeg', codecs: [] },
  m4a: { kind: 'audio', contentType: 'audio/mp4', codecs: [] },
  ogg: { kind: 'audio', contentType: 'audio/ogg', codecs: [] },
  wav: { kind: 'audio', contentType: 'audio/wav', codecs: [] },
} as const satisfies Record<string, Format>

export type FormatName = keyof typeof FORMATS
export const FORMAT_NAMES = Object.keys(FORMATS) as [FormatName, ...FormatName[]]

/** The format of a name, without the literal types. */
export const formatOf = (name: FormatName): Format => FORMATS[name]
