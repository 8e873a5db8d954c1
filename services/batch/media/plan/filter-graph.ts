/** What a stream inside a graph carries. */
export type StreamKind = 'video' | 'audio'

/** A stream of a filter graph. Labels come from a `FilterGraph` and are used once, in that graph. */
export type StreamLabel = {
  readonly kind: StreamKind
  /** What stands between the brackets: `v3` for a stream of the graph, `0:1` for a stream of an input. */
  readonly name: string
  readonly isInput: boolean
}

/** The streams of a piece of the result; null for a kind that the result does not have. */
export type StreamLabels = { video: StreamLabel | null; audio: StreamLabel | null }

/** Builds the text of one `-filter_complex`, and numbers its stream labels. */
export type FilterGraph = {
  /** A stream of an input file: the one of this index, or the first of its kind. */
  input(file: number, kind: StreamKind, streamIndex?: number): StreamLabel
  /** A stream that the first filter generates, such as `color` or `anullsrc`. */
  source(kind: StreamKind, filters: string[]): StreamLabel
  /** Runs streams through filters, in order. Without filters a stream stays as it is. */
  chain(inputs: [StreamLabel, ...StreamLabel[]], filters: string[]): StreamLabel
  /** The same stream several times. Frames are passed on by reference, not copied. */
  split(label: StreamLabel, copies: number): StreamLabel[]
  /** The same stream twice. */
  duplicate(label: StreamLabel): [StreamLabel, StreamLabel]
  /** Plays pieces one after the other. All of them have the same kinds of streams. */
  concat(pieces: StreamLabels[]): StreamLabels
  /** Reads a stream and drops its frames. */
  discard(label: StreamLabel): void
  /** The value of `-map` that writes a stream to a file. */
  map(label: StreamLabel): string
  /** The value of `-filter_complex`; empty when there is nothing to filter. */
  toString(): string
}

/**
 * Creates an empty graph. ffmpeg wants every label to be read exactly once: reading one twice, or leaving one unread, is
 * a bug of the planner and throws an `Error`.
 */
export function createFilterGraph(): FilterGraph {
  const chains: string[] = []
  const unread = new Set<StreamLabel>()
  const counts = { video: 0, audio: 0 }

  const newLabel = (kind: StreamKind): StreamLabel => {
    const label = { kind, name: `${kind[0]}${counts[kind]++}`, isInput: false }
    unread.add(label)
    return label
  }
  const read = (label: StreamLabel) => {
    if (label.isInput || unread.delete(label)) return
    throw new Error(`The stream ${label.name} was read before, or is of another graph.`)
  }
  const append = (inputs: StreamLabel[], filters: string[], outputs: StreamLabel[]) => {
    for (const label of inputs) read(label)
    chains.push(`${bracketed(inputs)}${filters.join(',')}${bracketed(outputs)}`)
  }

  return {
    input: (file, kind, streamIndex) => ({ kind, name: `${file}:${streamIndex ?? kind[0]}`, isInput: true }),
    source(kind, filters) {
      const label = newLabel(kind)
      append([], filters, [label])
      return label
    },
    chain(inputs, filters) {
      if (filters.length === 0 && inputs.length === 1) return inputs[0]
      const label = newLabel(inputs[0].kind)
      append(inputs, filters, [label])
      return label
    },
    split(label, copies) {
      if (copies === 1) return [label]
      const labels = Array.from({ length: copies }, () => newLabel(label.kind))
      append([label], [splitter(label.kind, copies)], labels)
      return labels
    },
    duplicate(label) {
      const labels: [StreamLabel, StreamLabel] = [newLabel(label.kind), newLabel(label.kind)]
      append([label], [splitter(label.kind, 2)], labels)
      return labels
    },
    concat(pieces) {
      const [first] = pieces
      if (!first) throw new Error('There is nothing to join.')
      if (pieces.length === 1) return first
      const joined = { video: first.video && newLabel('video'), audio: first.audio && newLabel('audio') }
      const streams = `v=${joined.video ? 1 : 0}:a=${joined.audio ? 1 : 0}`
      append(pieces.flatMap(present), [`concat=n=${pieces.length}:${streams}`], present(joined))
      return joined
    },
    discard: (label) => append([label], ['nullsink'], []),
    map(label) {
      read(label)
      return label.isInput ? label.name : `[${label.name}]`
    },
    toString() {
      const names = [...unread].map(({ name }) => name)
      if (names.length > 0) throw new Error(`Nothing reads the streams ${names.join(', ')}.`)
      return chains.join(';')
    },
  }
}

const splitter = (kind: StreamKind, copies: number) => `${kind === 'video' ? 'split' : 'asplit'}=${copies}`

const bracketed = (labels: StreamLabel[]) => labels.map(({ name }) => `[${name}]`).join('')

const present = ({ video, audio }: StreamLabels) => [video, audio].filter((label) => label !== null)

/** A number as ffmpeg reads it: no exponent, at most six decimals. */
export const plain = (value: number): string => String(Number(value.toFixed(6)))

/** "#102030" as ffmpeg writes colours. */
export const colour = (hex: string): string => hex.replace('#', '0x')
