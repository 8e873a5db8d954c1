import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How many of the commonest passwords of at least 8 characters the compatible policy refuses. */
const MOST_COMMON = 500

/** The commonest first. The file says where they come from. */
const listed = readFileSync(join(import.meta.dirname, 'common-passwords.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('# '))

/** The 10,000 commonest passwords, in lower case. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(listed)

/** The 500 commonest passwords that have at least 8 characters, in lower case. */
export const MOST_COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  listed.filter(({ length }) => length >= 8).slice(0, MOST_COMMON),
)
