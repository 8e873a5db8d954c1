/** What a distribution brings, and how long each step took there, in seconds. `failure` names the step that failed. */
export type Outcome = {
  name: string
  node: string
  ffmpeg: string
  seconds: Record<string, number>
  failure?: string
}

const COLUMNS = ['build', 'start', 'reel', 'test']

/** The outcomes as a table in Markdown. */
export function tableOf(outcomes: Outcome[]): string {
  const header = ['', 'Node', 'ffmpeg', ...COLUMNS.map((column) => `${column} (s)`), 'result']
  const rows = outcomes.map(({ name, node, ffmpeg, seconds, failure }) => [
    name,
    node,
    ffmpeg,
    ...COLUMNS.map((column) => seconds[column]?.toFixed(0) ?? '–'),
    failure ? `FAILED: ${failure}` : 'passed',
  ])
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
