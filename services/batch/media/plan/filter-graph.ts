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

/**
 * Builds the text of one `-filter_complex` and numbers its stream labels. ffmpeg wants every label to be read exactly
 * once: reading one twice, or leaving one unread, is a bug of the planner and throws an `Error`.
 */
export class FilterGraph {
  readonly #chains: string[] = []
  readonly #unread = new Set<string>()
  readonly #counts = { video: 0, audio: 0 }

  /** A stream of an input file: the one of this index, or the first of its kind. */
  input(file: number, kind: StreamKind, streamIndex?: number): StreamLabel {
    return { kind, name: `${file}:${streamIndex ?? kind[0]}`, isInput: true }
  }

  /** A stream that the first filter generates, such as `color` or `anullsrc`. */
  source(kind: StreamKind, filters: string[]): StreamLabel {
    const label = this.#label(kind)
    this.#append([], filters, [label])
    return label
  }

  /** Runs streams through filters, in order. Without filters a stream stays as it is. */
  chain(inputs: [StreamLabel, ...StreamLabel[]], filters: string[]): StreamLabel {
    if (filters.length === 0 && inputs.length === 1) return inputs[0]
    const label = this.#label(inputs[0].kind)
    this.#append(inputs, filters, [label])
    return label
  }

  /** The same stream several times. Frames are passed on by reference, not copied. */
  split(label: StreamLabel, copies: 2): [StreamLabel, StreamLabel]
  split(label: StreamLabel, copies: number): StreamLabel[]
  split(label: StreamLabel, copies: number): StreamLabel[] {
    if (copies === 1) return [label]
    const labels = Array.from({ length: copies }, () => this.#label(label.kind))
    this.#append([label], [`${label.kind === 'video' ? 'split' : 'asplit'}=${copies}`], labels)
    return labels
  }

  /** Plays pieces one after the other. All of them have the same kinds of streams. */
  concat(pieces: StreamLabels[]): StreamLabels {
    const [first] = pieces
    if (!first) throw new Error('There is nothing to join.')
    if (pieces.length === 1) return first
    const joined = {
      video: first.video && this.#label('video'),
      audio: first.audio && this.#label('audio'),
    }
    const streams = `v=${joined.video ? 1 : 0}:a=${joined.audio ? 1 : 0}`
    this.#append(pieces.flatMap(present), [`concat=n=${pieces.length}:${streams}`], present(joined))
    return joined
  }

  /** The value of `-map` that writes a stream to a file. */
  map(label: StreamLabel): string {
    this.#read(label)
    return label.isInput ? label.name : `[${label.name}]`
  }

  /** The value of `-filter_complex`; empty when there is nothing to filter. */
  toString(): string {
    if (this.#unread.size > 0) throw new Error(`Nothing reads the streams ${[...this.#unread].join(', ')}.`)
    return this.#chains.join(';')
  }

  #label(kind: StreamKind): StreamLabel {
    return { kind, name: `${kind[0]}${this.#counts[kind]++}`, isInput: false }
  }

  #append(inputs: StreamLabel[], filters: string[], outputs: StreamLabel[]) {
    for (const label of inputs) this.#read(label)
    for (const { name } of outputs) this.#unread.add(name)
    this.#chains.push(`${bracketed(inputs)}${filters.join(',')}${bracketed(outputs)}`)
  }

  #read({ name, isInput }: StreamLabel) {
    if (isInput) return
    if (!this.#unread.delete(name))
      throw new Error(`The stream ${name} was read before, or is of another graph.`)
  }
}

const bracketed = (labels: StreamLabel[]) => labels.map(({ name }) => `[${name}]`).join('')

const present = ({ video, audio }: StreamLabels) => [video, audio].filter((label) => label !== null)

/** A number as ffmpeg reads it: no exponent, at most six decimals. */
export const plain = (value: number): string => String(Number(value.toFixed(6)))

/** "#102030" as ffmpeg writes colours. */
export const colour = (hex: string): string => hex.replace('#', '0x')
