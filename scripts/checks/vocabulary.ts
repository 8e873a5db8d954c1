/** Finds words that the vocabulary replaced: `node scripts/checks/vocabulary.ts [path …]` lists them. */
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ALLOWED, TERMS, type Term } from './vocabulary-terms.ts'

const FILES = [
  '{services,clients,prisma,terraform,deploy,docs,scripts,test,bench}/**/*.{ts,mjs,sql,prisma,tf,hcl,example,yaml,yml,json,md}',
  'README.md',
  '*.{yml,yaml}',
  'Dockerfile.*',
  '.env.example',
]
const EXCLUDED = /(^|\/)(generated|dist|\.terraform|node_modules)\/|(^|\/)checks\/vocabulary|\.local\./
const CODE = new Set(['.ts', '.mjs'])
/** A comment, or a string in any kind of quotes, in TypeScript. */
const PROSE = /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

export type Hit = { path: string; line: number; word: string; prefer: string }

/** Every hit in the files and file names below `root`, in order. Line 0 is the file's own path. */
export async function vocabularyHits(root: string, below: string[] = []): Promise<Hit[]> {
  const paths = FILES.flatMap((pattern) => globSync(pattern, { cwd: root })).filter(
    (path) => !EXCLUDED.test(path) && (below.length === 0 || below.some((start) => path.startsWith(start))),
  )
  const hits = [...new Set(paths)].sort().map(async (path) => {
    const text = await readFile(join(root, path), 'utf8')
    return [...hitsInPath(path), ...hitsIn(path, text)]
  })
  return (await Promise.all(hits)).flat()
}

/** The hits in one file's text. */
export function hitsIn(path: string, text: string): Hit[] {
  const lines = text.replaceAll(ALLOWED, '').split('\n')
  const code = CODE.has(extname(path)) ? text.replaceAll(PROSE, blank).split('\n') : []
  return lines.flatMap((line, index) =>
    hitsInLine(line, code[index] ?? '').map((hit) => ({ path, line: index + 1, ...hit })),
  )
}

/** A file name is an identifier: every term counts in it. */
function hitsInPath(path: string): Hit[] {
  const name = path.replaceAll(/[-./]/g, ' ')
  return hitsInLine(name, name).map((hit) => ({ path, line: 0, ...hit }))
}

/** Each word once. Compound identifiers count as code wherever they stand. */
function hitsInLine(line: string, code: string): Pick<Hit, 'word' | 'prefer'>[] {
  const names = new Set(identifiers(line))
  const inCode = new Set(identifiers(code))
  const hits = PHRASES.flatMap((term) => toHits(term, line.match(term.phrase)?.[0]))
  for (const name of names) {
    const isCode = inCode.has(name) || wordsOf(name).length > 1
    const terms = termsFor(name).filter((term) => isCode || term.in === 'anywhere')
    hits.push(...terms.slice(0, 1).flatMap((term) => toHits(term, name)))
  }
  return hits
}

const toHits = ({ prefer }: Term, word?: string) => (word ? [{ word, prefer }] : [])

const PHRASES = TERMS.filter((term): term is Term & { phrase: RegExp } => term.phrase !== undefined)
const known = new Map<string, Term[]>()

/** The terms that replace an identifier; the same identifiers come up again and again. */
function termsFor(name: string): Term[] {
  const found =
    known.get(name) ??
    TERMS.filter(
      ({ identifier, word }) =>
        identifier?.test(name) || (word && wordsOf(name).some((one) => word.test(one))),
    )
  known.set(name, found)
  return found
}

const identifiers = (text: string): string[] => text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []

/** `publishAt`, `PUBLISH_AT` → publish, at. */
const wordsOf = (identifier: string): string[] =>
  identifier
    .replaceAll(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3_$2')
    .toLowerCase()
    .split('_')
    .filter(Boolean)

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')

export const toLine = ({ path, line, word, prefer }: Hit): string => `${path}:${line}: ${word} → ${prefer}`

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { count: { type: 'boolean', default: false } },
  })
  const hits = await vocabularyHits(join(import.meta.dirname, '../..'), positionals)
  if (values.count) console.table(countByFolder(hits))
  else for (const hit of hits) console.log(toLine(hit))
  process.exitCode = hits.length > 0 ? 1 : 0
}

/** Hits per folder, two levels deep. */
function countByFolder(hits: Hit[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { path } of hits) {
    const folder = path.split('/').slice(0, 2).join('/')
    counts[folder] = (counts[folder] ?? 0) + 1
  }
  return counts
}
