/** One thing ffmpeg opens, with the options that go before it. `picture`: a still one of a user's. */
export type Input = { source: string; options: string[]; image?: true }

/** One file ffmpeg writes, with the options that go before it. */
export type RunOutput = { path: string; options: string[] }

/** One run of ffmpeg. `seconds` is how much is made, for its progress. */
export type Run = { inputs: Input[]; graph: string; files: RunOutput[]; seconds: number }

// Progress goes to stderr as key=value lines, where it is read beside the complaints.
export const GLOBAL_OPTIONS: string[] = [
  ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
  ...['-nostats', '-stats_period', '0.5', '-progress', 'pipe:2'],
]

/** The whole argument list of a run, in the order in which the runner gives it to ffmpeg. */
export const commandLine = ({ inputs, graph, files }: Run): string[] => [
  ...GLOBAL_OPTIONS,
  ...inputs.flatMap(({ source, options }) => [...options, '-i', source]),
  '-y',
  ...(graph === '' ? [] : ['-filter_complex', graph]),
  ...files.flatMap(({ path, options }) => [...options, path]),
]
