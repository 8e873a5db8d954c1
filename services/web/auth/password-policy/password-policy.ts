import { invalidRequest } from '../../http/field-errors.ts'
import { COMMON_PASSWORDS, MOST_COMMON_PASSWORDS } from './common-passwords.ts'

/** `compatible` takes what the earlier system took, except the commonest passwords; `strict` is NIST SP 800-63B-4, 3.1.1.2. */
export type PasswordPolicy = 'compatible' | 'strict'

/** Whose password it is: neither their names nor the service's protect an account. */
export type PasswordOwner = { username: string; email: string }

const MIN_LENGTH = { compatible: 8, strict: 15 }
const SERVICE_NAME = 'cutroom'
/** The strict policy wants this much of a password beside the names that it contains. */
const MIN_BESIDE_NAMES = 8
/** A password that repeats so short a text is as weak as the text. */
const MAX_REPEATED_LENGTH = 4

/**
 * What is wrong with a new password, as the message of a field error; undefined when nothing is. Lengths are in code points of
 * the password in NFKC. Pure.
 */
export function passwordIssue(
  policy: PasswordPolicy,
  password: string,
  owner: PasswordOwner,
): string | undefined {
  const normal = password.normalize('NFKC')
  if ([...normal].length < MIN_LENGTH[policy]) {
    return `must have at least ${MIN_LENGTH[policy]} characters`
  }
  if (normal.trim() === '') return 'must not consist of spaces'
  return policy === 'strict'
    ? strictIssue(normal.toLowerCase(), owner)
    : compatibleIssue(normal.toLowerCase())
}

/** @throws CutroomError `request.invalid` with the issue, about this field of the operation. */
export function requireGoodPassword(
  policy: PasswordPolicy,
  {
    password,
    owner,
    operation,
    field,
  }: { password: string; owner: PasswordOwner; operation: string; field: string },
): void {
  const message = passwordIssue(policy, password, owner)
  if (message) throw invalidRequest(operation, [{ path: field, message }])
}

const TOO_COMMON = 'is one of the commonest passwords; choose another'

const compatibleIssue = (password: string) => (MOST_COMMON_PASSWORDS.has(password) ? TOO_COMMON : undefined)

function strictIssue(password: string, owner: PasswordOwner): string | undefined {
  const repeated = repeatedText(password)
  if (COMMON_PASSWORDS.has(password) || COMMON_PASSWORDS.has(repeated)) return TOO_COMMON
  if (repeated.length <= MAX_REPEATED_LENGTH) return 'must not repeat a few characters'
  if (lengthBesideNames(password, owner) < MIN_BESIDE_NAMES) {
    return "must not consist of your user name, your e-mail address or the service's name"
  }
  return undefined
}

/** The shortest text of which the password is a repetition: the password itself when there is none. */
const repeatedText = (password: string): string => {
  const period = `${password}${password}`.indexOf(password, 1)
  return password.slice(0, period)
}

/** The number of characters other than spaces that remain without the names. */
function lengthBesideNames(password: string, { username, email }: PasswordOwner): number {
  const [mailbox = '', host = ''] = email.split('@')
  const names = [email, host, mailbox, username, host.split('.')[0] ?? '', SERVICE_NAME]
    .map((name) => name.normalize('NFKC').toLowerCase())
    .filter(({ length }) => length >= 3)
    .sort((a, b) => b.length - a.length)
  const rest = names.reduce((text, name) => text.replaceAll(name, ' '), password)
  return rest.match(/\S/gu)?.length ?? 0
}
