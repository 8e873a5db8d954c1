import type { Result, Scenario } from './scenario.ts'

/** The outcome of one scenario. */
export type Row = Pick<Scenario, 'name' | 'promise'> & Result & { seconds: number }

/** The results of a run as a Markdown table. */
export function tableOf(rows: Row[]): string {
  const lines = rows.map(
    ({ promise, figure, met, seconds }) =>
      `| ${promise} | ${oneLine(figure)} | ${met ? 'met' : 'NOT MET'} | ${Math.round(seconds)} s |`,
  )
  return ['| promise | figure | verdict | took |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

const oneLine = (text: string) => text.replaceAll('|', '/').replaceAll(/\s+/g, ' ').trim()
