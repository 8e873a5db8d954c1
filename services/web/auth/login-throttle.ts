import { CutroomError } from '#shared/errors.ts'
import type { Policy } from '#shared/limits/policy.ts'
import type { RateLimiter } from '#shared/limits/rate-limiter.ts'
import { refusedRequests } from '#shared/observability/metrics.ts'
import type { LoginFailures } from '../limits/limits.ts'
import type { KnownAddresses } from './known-addresses.ts'

export type LoginThrottle = {
  /**
   * Runs a login, which resolves to undefined when the credentials are wrong, unless too many have failed. An account is
   * named by its e-mail address whether it exists or not, so that refusals do not reveal which accounts exist.
   * @throws CutroomError `request.rate_limited` with Retry-After, before the login is run; and what the login throws.
   */
  run<T>(account: string, address: string, login: Login<T>): Promise<T | undefined>
}

/** `isKnown`: whether the account has been used from the address. */
export type Login<T> = {
  /** Throws when the login cannot be run now, before anything is counted. */
  admit(isKnown: boolean): void
  logIn(isKnown: boolean): Promise<T | undefined>
}

/**
 * Counts failed logins per account and address, and per account from addresses from which it has not been used, so that
 * strangers cannot lock the owner out. Each login counts as failed before its password is compared, or concurrent guesses
 * would all pass; one that succeeds is taken back.
 */
export function createLoginThrottle(
  limiter: RateLimiter,
  known: KnownAddresses,
  failures: LoginFailures,
): LoginThrottle {
  return {
    async run(account, address, { admit, logIn }) {
      const here = `${account} ${address}`
      const isKnown = await known.includes(account, address)
      admit(isKnown)
      const asked: [Policy, string][] = isKnown
        ? [[failures.fromKnownAddress, here]]
        : [
            [failures.fromAddress, here],
            [failures.fromStrangers, account],
          ]
      for (const [policy, subject] of asked) {
        const { allowed, retryAfterMs } = await limiter.use(policy, subject)
        if (allowed) continue
        refusedRequests.inc({ limit: policy.name })
        throw tooManyFailures(retryAfterMs)
      }
      const takeBack = () => Promise.all(asked.map(([policy, subject]) => limiter.giveBack(policy, subject)))
      const user = await logIn(isKnown).catch(async (error) => {
        // The password was not compared.
        await takeBack()
        throw error
      })
      if (user === undefined) return undefined
      await Promise.all([
        limiter.forget(failures.fromAddress, here),
        ...(isKnown ? [] : [limiter.giveBack(failures.fromStrangers, account)]),
        known.add(account, address),
      ])
      return user
    },
  }
}

function tooManyFailures(retryAfterMs: number) {
  const seconds = Math.ceil(retryAfterMs / 1000)
  return new CutroomError(
    'request.rate_limited',
    `Too many logins to this account have failed; try again in ${seconds} s.`,
    { headers: { 'Retry-After': String(seconds) } },
  )
}
