/** The commit-msg hook: `node scripts/commit-message.mjs <file>` exits with 1 unless the message is a Conventional Commit. */
import { readFileSync } from 'node:fs'

const TYPES = ['build', 'chore', 'ci', 'docs', 'feat', 'fix', 'perf', 'refactor', 'revert', 'style', 'test']
const CONVENTIONAL = new RegExp(`^(${TYPES.join('|')})(\\([\\w./-]+\\))?!?: \\S`)
/** Written by git itself. */
const BY_GIT = /^(Merge |Revert "|fixup! |squash! |amend! )/

/** What is wrong with a commit message; undefined when nothing is. */
export function commitMessageIssue(message) {
  const [subject = '', second = ''] = message.split('\n').filter((line) => !line.startsWith('#'))
  if (BY_GIT.test(subject)) return undefined
  if (!CONVENTIONAL.test(subject)) {
    return `The subject must be "type(scope): summary", where type is one of ${TYPES.join(', ')}.`
  }
  if (second.trim()) return 'The second line must be empty: it separates the subject from the body.'
  return undefined
}

if (import.meta.main) {
  const issue = commitMessageIssue(readFileSync(process.argv[2] ?? '.git/COMMIT_EDITMSG', 'utf8'))
  if (issue) console.error(`Commit rejected. ${issue}`)
  process.exitCode = issue ? 1 : 0
}
