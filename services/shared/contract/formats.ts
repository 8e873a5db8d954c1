/** Codecs of pictures that are made here. */
export const VIDEO_CODECS = ['h264', 'hevc', 'av1', 'vp9'] as const
export type VideoCodec = (typeof VIDEO_CODECS)[number]

type Format = {
  /** What it carries: picture and sound, picture alone, or sound alone. */
  kind: 'video' | 'silent' | 'audio'
  contentType: string
  /** Codecs of the picture it may carry; the first is taken when none is asked for. */
  codecs: readonly VideoCodec[]
}

/** Everything an output can be. */
export const FORMATS = {
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

/** What is known of a format, without the literal types. */
export const formatOf = (name: FormatName): Format => FORMATS[name]
