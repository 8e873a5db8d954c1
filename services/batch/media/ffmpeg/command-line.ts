/**
 * One input of a run: a path or URL, and the options that go before its `-i`. `image` marks a still image that a user
 * supplied, and `bumper` a bumper clip, so that an error can say which kind of input failed.
 */
export type Input = { source: string; options: string[]; image?: true; bumper?: true }

/** One file that ffmpeg writes, and the options that go before it. */
export type RunOutput = { path: string; options: string[] }

/** One run of ffmpeg. `seconds` is the length of what it produces, from which its progress is computed. */
export type Run = { inputs: Input[]; graph: string; files: RunOutput[]; seconds: number }

// Progress goes to stderr as key=value lines, between ffmpeg's own messages: stdout stays free.
export const GLOBAL_OPTIONS: string[] = [
  ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
  ...['-nostats', '-stats_period', '0.5', '-progress', 'pipe:2'],
]

/** The whole argument list of a run, in the order in which the runner passes it to ffmpeg. */
export const commandLine = ({ inputs, graph, files }: Run): string[] => [
  ...GLOBAL_OPTIONS,
  ...inputs.flatMap(({ source, options }) => [...options, '-i', source]),
  '-y',
  ...(graph === '' ? [] : ['-filter_complex', graph]),
  ...files.flatMap(({ path, options }) => [...options, path]),
]
