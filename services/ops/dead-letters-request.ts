export const USAGE = 'npm run dead-letters [-- list | redrive all | redrive <job or task id> …]'

/** What the operator asks for; without `ids`, all dead letters are redriven. */
export type DeadLettersRequest = { verb: 'list' } | { verb: 'redrive'; ids: string[] | undefined }

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Interprets the command's arguments; undefined when they are invalid. Pure. */
export function readRequest([verb = 'list', ...ids]: string[]): DeadLettersRequest | undefined {
  if (verb === 'list') return ids.length === 0 ? { verb } : undefined
  if (verb !== 'redrive' || ids.length === 0) return undefined
  if (ids.length === 1 && ids[0] === 'all') return { verb, ids: undefined }
  return ids.every((id) => UUID.test(id)) ? { verb, ids } : undefined
}
