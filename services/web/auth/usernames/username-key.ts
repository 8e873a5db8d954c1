import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What each character looks like, where that is not itself. The file says where it comes from. */
const CONFUSABLES = readConfusables(join(import.meta.dirname, 'confusables.txt'))

/**
 * The key of a user name: the same for names that a person would take for the same one, in any case, width or composition.
 * It is the skeleton of Unicode Technical Standard #39, of the name in lower case. Accounts of earlier versions got theirs in
 * the migration `account_lifecycle`, which has the same table.
 */
export function usernameKey(name: string): string {
  const letters = [...name.normalize('NFKC').toLowerCase().normalize('NFD')]
  return letters
    .map((letter) => CONFUSABLES.get(letter) ?? letter)
    .join('')
    .normalize('NFC')
}

function readConfusables(path: string): Map<string, string> {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.flatMap((line) => {
      const [target = '', sources = ''] = line.split('\t')
      return [...sources].map((source) => [source, target] as const)
    }),
  )
}
