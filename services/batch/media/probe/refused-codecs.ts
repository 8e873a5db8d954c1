import { ALLOWED_CODECS } from './media-input.ts'

/**
 * The cause of an error about a file that ffprobe refused: for a `format` such as "container webp", and these codecs, by the names
 * of their decoders.
 */
export class FormatRefusal {
  readonly format: string
  readonly codecs: string[]
  constructor(format: string, codecs: string[]) {
    this.format = format
    this.codecs = codecs
  }
}

/** The codecs that a tool refused, by the names of their decoders. */
export const refusedCodecs = (stderr: string): string[] => [
  ...new Set([...stderr.matchAll(/Codec \(([\w-]+)\) not on whitelist/g)].map(([, codec = '']) => codec)),
]

/**
 * Options that go behind the whitelist, with which ffprobe describes a file in spite of streams of these codecs: it opens a
 * decoder for every stream, wanted or not, and gives up on the whole file where it may not. The demuxer keeps its own whitelist,
 * so that no packet of such a stream is decoded.
 */
export function describeAnyway(codecs: string[]): string[] {
  if (codecs.length === 0) return []
  const opened = [...ALLOWED_CODECS, ...codecs].join()
  return ['v', 'a', 's'].flatMap((kind) => [`-codec_whitelist:${kind}`, opened])
}
