import type { Result, Scenario } from './scenario.ts'

/** A scenario that was run; an `error` stands for a run that did not come to its end. */
export type Row = Pick<Scenario, 'name' | 'promise'> & Result & { seconds: number }

/** The table that ends a run, as Markdown. */
export function tableOf(rows: Row[]): string {
  const lines = rows.map(
    ({ promise, figure, met, seconds }) =>
      `| ${promise} | ${oneLine(figure)} | ${met ? 'met' : 'NOT MET'} | ${Math.round(seconds)} s |`,
  )
  return ['| promise | figure | verdict | took |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

const oneLine = (text: string) => text.replaceAll('|', '/').replaceAll(/\s+/g, ' ').trim()
