import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const GUIDE = join(import.meta.dirname, '../../docs/guide.md')
const LANGUAGES = ['bash', 'ts', 'python'] as const

export type Language = (typeof LANGUAGES)[number]
export type Story = { title: string; programs: Record<Language, string> }
export type Guide = {
  /** Functions that the programs for bash need. */
  helpers: string
  stories: Story[]
}

/** The programs of docs/guide.md, as they stand there. @throws Error when a story lacks a language. */
export async function readGuide(): Promise<Guide> {
  const [preparation = '', ...sections] = (await readFile(GUIDE, 'utf8')).split(/^## /m).slice(1)
  const stories = sections.map(toStory).filter((story) => story !== undefined)
  return { helpers: blockOf(preparation, 'bash'), stories }
}

/** Undefined for a section without programs. */
function toStory(section: string): Story | undefined {
  if (!section.includes('```')) return undefined
  const [title = ''] = section.split('\n')
  const [bash, ts, python] = LANGUAGES.map((language) => blockOf(section, language))
  return { title, programs: { bash: bash ?? '', ts: ts ?? '', python: python ?? '' } }
}

function blockOf(section: string, language: Language): string {
  const [, block] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(section) ?? []
  if (block) return block
  throw new Error(`docs/guide.md: "${section.split('\n')[0]}" has no ${language}.`)
}
