import bcrypt from 'bcrypt'
import { CutroomError } from '#shared/errors.ts'
import { createFairQueue } from '#shared/limits/fair-queue.ts'
import { preparePassword } from './password-policy/prepare-password.ts'

/**
 * One bcrypt call at cost 12 takes a core about 230 ms (measured). It runs in libuv's pool of four threads, which file
 * system and DNS calls share; two at a time leave threads for them.
 */
const CONCURRENCY = 2
/** About five seconds of work at cost 12; further calls are refused. */
const MAX_QUEUED = 40
/** About a second of work. An address gets its turn as soon as each of the others has had one, whatever this is. */
const MAX_QUEUED_PER_ADDRESS = 10

/** Before bcrypt's hash: the password was prepared by `preparePassword`. Earlier versions hashed it as it was. */
const PREPARED = 'v2:'

/**
 * `address` is the client's: those who wait take turns between addresses. Where the account has been used from there, `isKnown`,
 * they get every second turn, so that many addresses together cannot keep users from logging in.
 */
export type Passwords = {
  /**
   * A hash to store.
   * @throws CutroomError `request.rate_limited` when too many calls are waiting.
   */
  hash(password: string, address: string): Promise<string>
  /**
   * Whether the password has this hash. Takes as long without a hash, so that the response time does not reveal
   * which accounts exist.
   * @throws CutroomError `request.rate_limited` when too many calls are waiting.
   */
  matches(password: string, hash: string | undefined, address: string, isKnown?: boolean): Promise<boolean>
  /**
   * Requires that a call would not be refused now, before others work for it in vain.
   * @throws CutroomError `request.rate_limited` when too many calls are waiting.
   */
  requireTurn(address: string, isKnown: boolean): void
  /** Whether `hash` would store the password in another way today, prepared or at a higher cost. */
  isOutdated(hash: string): boolean
}

/** `cost` is bcrypt's cost factor: 2^cost rounds. */
export function createPasswords(cost: number): Passwords {
  const queue = createFairQueue({
    concurrency: CONCURRENCY,
    maxWaiting: MAX_QUEUED,
    maxWaitingPerKey: MAX_QUEUED_PER_ADDRESS,
    displaced: tooManyLogins,
  })
  const inTurn = <T>(address: string, isPreferred: boolean, call: () => Promise<T>): Promise<T> =>
    queue.run(address, call, { isPreferred }) ?? Promise.reject(tooManyLogins())
  // A real hash: bcrypt refuses a malformed one at once, which would take no time.
  const dummyHash = bcrypt.hash('nobody has this password', cost).then((hash) => PREPARED + hash)
  return {
    hash: (password, address) =>
      inTurn(address, false, async () => PREPARED + (await bcrypt.hash(preparePassword(password), cost))),
    async matches(password, hash, address, isKnown = false) {
      const compared = hash ?? (await dummyHash)
      const isEqual = await inTurn(address, isKnown, () => compare(password, compared))
      return isEqual && hash !== undefined
    },
    requireTurn(address, isPreferred) {
      if (!queue.accepts(address, { isPreferred })) throw tooManyLogins()
    },
    isOutdated: (hash) => !hash.startsWith(PREPARED) || bcrypt.getRounds(hash.slice(PREPARED.length)) < cost,
  }
}

/** Earlier versions' hashes match as well, if they are of the whole password. */
async function compare(password: string, hash: string): Promise<boolean> {
  if (hash.startsWith(PREPARED)) {
    return bcrypt.compare(preparePassword(password), hash.slice(PREPARED.length))
  }
  return (await bcrypt.compare(password, hash)) && isFullyHashed(password)
}

/** bcrypt ignores what follows 72 bytes or a NUL, so such a password could match the hash of another one. */
const isFullyHashed = (password: string) => Buffer.byteLength(password) <= 72 && !password.includes('\0')

const tooManyLogins = () =>
  new CutroomError('request.rate_limited', 'Too many logins and signups are in progress; try again in 5 s.', {
    headers: { 'Retry-After': '5' },
  })
