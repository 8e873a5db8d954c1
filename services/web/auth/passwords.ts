import bcrypt from 'bcrypt'
import pLimit from 'p-limit'
import { CutroomError } from '#shared/errors.ts'

/**
 * One bcrypt call at cost 12 takes a core about 230 ms (measured). It runs in libuv's pool of four threads, which file
 * system and DNS calls share; two at a time leave threads for them.
 */
const CONCURRENCY = 2
/** About five seconds of work at cost 12; further calls are refused. */
const MAX_QUEUED = 40

export type Passwords = {
  /** @throws CutroomError `request.rate_limited` when too many calls are waiting. */
  hash(password: string): Promise<string>
  /**
   * Whether the password has this hash. Takes as long without a hash, so that the response time does not reveal
   * which accounts exist.
   * @throws CutroomError `request.rate_limited` when too many calls are waiting.
   */
  matches(password: string, hash: string | undefined): Promise<boolean>
}

/** `cost` is bcrypt's cost factor: 2^cost rounds. */
export function createPasswords(cost: number): Passwords {
  const limit = limitQueue(CONCURRENCY, MAX_QUEUED)
  // A real hash: bcrypt refuses a malformed one at once, which would take no time.
  const dummyHash = bcrypt.hash('nobody has this password', cost)
  return {
    hash: (password) => limit(() => bcrypt.hash(password, cost)),
    async matches(password, hash) {
      const compared = hash ?? (await dummyHash)
      const isEqual = await limit(() => bcrypt.compare(password, compared))
      return isEqual && hash !== undefined && isFullyHashed(password)
    },
  }
}

/** bcrypt ignores what follows 72 bytes or a NUL, so such a password could match the hash of another one. */
const isFullyHashed = (password: string) => Buffer.byteLength(password) <= 72 && !password.includes('\0')

/** Runs at most `concurrency` calls at a time, keeps at most `maxQueued` waiting and refuses the rest. */
function limitQueue(concurrency: number, maxQueued: number) {
  const limit = pLimit(concurrency)
  return async <T>(call: () => Promise<T>): Promise<T> => {
    if (limit.activeCount + limit.pendingCount >= concurrency + maxQueued) throw tooManyLogins()
    return limit(call)
  }
}

const tooManyLogins = () =>
  new CutroomError('request.rate_limited', 'Too many logins and signups are in progress; try again in 5 s.', {
    headers: { 'Retry-After': '5' },
  })
