import type { Outcome } from './outcome.ts'
import type { CorpusCase } from './types.ts'

export type Row = { one: CorpusCase; outcome: Outcome }

/** The results as Markdown: a heading and a table for each kind. */
export const sectionsOf = (kinds: { title: string; rows: Row[] }[]): string =>
  kinds.map(({ title, rows }) => `### ${title}\n\n${tableOf(rows)}`).join('\n\n')

function tableOf(rows: Row[]): string {
  const lines = rows.map(({ one, outcome }) => {
    const reports = (one.reports ?? '').split(' ').map(link).join(' ')
    return `| ${cell(one.title)} | ${reports} | ${cell(outcome.result)} | ${cell(verdictOf(outcome))} |`
  })
  return [
    '| What was tried | Reports | What comes out | Verdict |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

/** `right`, or what is wrong. */
export const verdictOf = ({ deviations }: Outcome): string =>
  deviations.length === 0 ? 'right' : `**wrong**: ${deviations.join('; ')}`

/** `owner/repository#1` as a link to the issue. */
function link(report: string): string {
  const [, repository, number] = /^(\S+\/\S+)#(\d+)$/.exec(report) ?? []
  return repository ? `[${report}](https://github.com/${repository}/issues/${number})` : ''
}

const cell = (text: string) => text.replaceAll('|', '/').replaceAll(/\s+/g, ' ').trim()
