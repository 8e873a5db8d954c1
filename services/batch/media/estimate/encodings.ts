import type { Plan, PlannedOutput } from '../plan/types.ts'

/** How a stream is made: by which encoder, how fast, how well. Left out: what was not asked for. */
export type Encoding = {
  encoder: string
  speed: string
  crf?: number | undefined
  kbits?: number | undefined
  hertz?: number | undefined
  channels?: number | undefined
}

/** What the command line of a file says of its streams; null: it has none of that kind. */
export type Encodings = { video: Encoding | null; audio: Encoding | null }

/**
 * How each planned output is encoded, read off the command lines themselves, so that there is no second opinion
 * on what a recipe means. Streams taken as they are have the encoder `copy`.
 */
export function encodingsOf(plan: Plan): Map<PlannedOutput, Encodings> {
  const files = plan.runs.flatMap((run) => run.files)
  const [first] = plan.runs
  return new Map(
    plan.outputs.map((output) => {
      const own = files.find(({ path }) => path === output.path)?.options ?? []
      // A part is put together without encoding; picture and sound were encoded by the first run.
      const isPart = after(own, '-c') === 'copy'
      const options = isPart ? (first?.files ?? []).flatMap((file) => file.options) : own
      return [output, { video: read(options, 'v'), audio: read(options, 'a') }]
    }),
  )
}

function read(options: string[], kind: 'v' | 'a'): Encoding | null {
  const encoder = after(options, `-c:${kind}`)
  if (encoder === undefined) return null
  const rate = after(options, `-b:${kind}`)
  const number = (name: string) => {
    const value = after(options, name)
    return value === undefined ? undefined : Number(value)
  }
  return {
    encoder,
    speed: after(options, '-preset') ?? after(options, '-cpu-used') ?? '',
    crf: number('-crf'),
    // VP9 says 0 for "as crf wants it".
    kbits: rate?.endsWith('k') ? Number(rate.slice(0, -1)) : undefined,
    hertz: number('-ar'),
    channels: number('-ac'),
  }
}

const after = (options: string[], name: string): string | undefined => {
  const place = options.indexOf(name)
  return place < 0 ? undefined : options[place + 1]
}
