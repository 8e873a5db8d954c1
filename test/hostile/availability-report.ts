import type { Experience } from './victim.ts'

/**
 * The outcome of one attack: what its requests were answered, and what the normal user experienced meanwhile and, on the same
 * stack, shortly before.
 */
export type AttackResult = { title: string; answers: string; usual: Experience; experience: Experience }

const KINDS = ['list', 'create', 'login'] as const

/** At most this much longer than usual. */
const FACTOR = 2
/** A few milliseconds more are no harm, even if they are more than twice as many. */
const NOISE_MS = 15

/** Why an attack hurt the normal user, one line for each reason; empty when it did not. Pure. */
export function harm({ usual, experience }: Pick<AttackResult, 'usual' | 'experience'>): string[] {
  const slow = KINDS.flatMap((kind) => {
    const [before, during] = [median(usual[kind]), median(experience[kind])]
    return during > before * FACTOR && during > before + NOISE_MS
      ? [`${kind} took ${factor(during, before)}`]
      : []
  })
  const [before, during] = [usual.reel ?? 0, experience.reel]
  const late =
    during !== undefined && during > before * FACTOR ? [`the reel took ${factor(during, before)}`] : []
  return [...slow, ...late, ...counted(experience.refused)]
}

/** The results as a Markdown table; times are medians, before the attack → during it. Pure. */
export function availabilityTable(results: AttackResult[]): string {
  const rows = results.map((result) => {
    const { usual, experience } = result
    const reasons = harm(result)
    const verdict = reasons.length === 0 ? 'unharmed' : `**${reasons.join('; ')}**`
    const times = KINDS.map((kind) => change(median(usual[kind]), median(experience[kind])))
    return [result.title, result.answers, ...times, change(usual.reel, experience.reel), verdict]
  })
  return [
    ['Attack', 'What its requests got', '`GET /tasks`', '`POST /tasks`', 'Login', 'Reel', 'The normal user'],
    ['---', '---', '---:', '---:', '---:', '---:', '---'],
    ...rows,
  ]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

const change = (usual: number | undefined, during: number | undefined) => `${time(usual)} → ${time(during)}`

function time(ms: number | undefined): string {
  if (ms === undefined) return '-'
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

const factor = (ms: number, usual: number) => `${(ms / Math.max(usual, 0.001)).toFixed(1)}×`

/** `login 429` three times becomes `login 429 (3)`. */
const counted = (words: string[]): string[] =>
  [...Map.groupBy(words, (word) => word)].map(([word, { length }]) => `${word} (${length})`)

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
