import bcrypt from 'bcrypt'
import { CutroomError } from '#shared/errors.ts'

/**
 * bcrypt costs a core some 230 ms at cost 12. It runs in the thread pool, which file system and DNS share:
 * two at a time leave room for them, and whoever would wait too long is told to come back.
 */
const atOnce = 2
const longestQueue = 40

export type Passwords = {
  hash(password: string): Promise<string>
  /** Takes the same time when there is no user, so that an answer's time does not tell who has an account. */
  matches(password: string, hash: string | undefined): Promise<boolean>
}

/** `cost`: rounds of bcrypt as a power of two. Both calls throw `request.rate_limited` when the queue is full. */
export function createPasswords(cost: number): Passwords {
  const inTurn = createTurns(atOnce, longestQueue)
  const hash = (password: string) => inTurn(() => bcrypt.hash(password, cost))
  // A malformed hash would be refused at once: only a real one takes real time.
  const dummy = bcrypt.hash('nobody has this password', cost)
  return {
    hash,
    async matches(password, known) {
      const against = known ?? (await dummy)
      const same = await inTurn(() => bcrypt.compare(password, against))
      return same && known !== undefined && isReadWhole(password)
    },
  }
}

/** bcrypt reads 72 bytes, up to a NUL: what it would ignore must not open the door. */
const isReadWhole = (password: string) => Buffer.byteLength(password) <= 72 && !password.includes('\0')

/** Lets `width` actions run at a time, and at most `longest` wait. */
function createTurns(width: number, longest: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <T>(act: () => Promise<T>): Promise<T> => {
    if (running >= width) {
      if (waiting.length >= longest) throw tooMany()
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await act()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

const tooMany = () =>
  new CutroomError(
    'request.rate_limited',
    'Too many people are logging in right now; try again in a few seconds.',
    {
      headers: { 'Retry-After': '5' },
    },
  )
