import type { Config } from '#shared/config.ts'
import type { Policy } from '#shared/limits/policy.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Whom a limit counts: the client's address, or the user. */
export type LimitedBy = 'address' | 'user'
export type Limit = Policy & { by: LimitedBy }
export type LimitName = keyof Limits

/** Every rate limit of the API that is asked before the body of a request is read. */
export type Limits = ReturnType<typeof limitsOf>

export const limitsOf = (limits: Config['limits']) =>
  ({
    signups: { name: 'signups', count: limits.signupsPerHour, windowMs: HOUR, by: 'address' },
    /** E-mails about accounts that anyone may ask for: as many as sign-ups, which can cause one each. */
    mailRequests: { name: 'mail-requests', count: limits.signupsPerHour, windowMs: HOUR, by: 'address' },
    /** An export reads everything that the user has. */
    exports: { name: 'exports', count: 10, windowMs: HOUR, by: 'user' },
    logins: { name: 'logins', count: limits.loginsPerMinute, windowMs: MINUTE, by: 'address' },
    /** Far more than the people behind one address need, and few enough that guessing is no use. */
    refreshes: { name: 'refreshes', count: 10 * limits.loginsPerMinute, windowMs: MINUTE, by: 'address' },
    /** Each leaves a row in the audit log for months. */
    accountChanges: {
      name: 'account-changes',
      count: limits.accountChangesPerMinute,
      windowMs: MINUTE,
      by: 'user',
    },
    uploads: { name: 'uploads', count: limits.uploadsPerMinute, windowMs: MINUTE, by: 'user' },
    dryRuns: { name: 'dry-runs', count: limits.dryRunsPerMinute, windowMs: MINUTE, by: 'user' },
    /** Each asks a host for a byte, as a dry run does for more. */
    sourceLinks: { name: 'source-links', count: limits.dryRunsPerMinute, windowMs: MINUTE, by: 'user' },
    /** Of up to 100 tasks each: as many tasks on average as one by one. */
    taskBatches: { name: 'task-batches', count: limits.tasksPerSecond, windowMs: 100 * SECOND, by: 'user' },
    tasks: { name: 'tasks', count: limits.tasksPerSecond, windowMs: SECOND, by: 'user' },
  }) satisfies Record<string, Limit>

/** How many blocks of sources previews read for one user: of up to 2 MiB each, 10 GB an hour on average. */
export const PREVIEW_BLOCKS: Policy = { name: 'preview-blocks', count: 5_000, windowMs: HOUR }

/** The limits of failed logins, which are counted by the account and not by the request. */
export const loginFailuresOf = (limits: Config['limits']) => ({
  /** From one address on one account. */
  fromAddress: {
    name: 'login-failures',
    count: limits.loginFailures,
    windowMs: 15 * MINUTE,
    pause: { after: Math.ceil(limits.loginFailures / 4), maxMs: MINUTE },
  },
  /** From an address from which the account has been used: the user's own, who mistypes and does not guess. */
  fromKnownAddress: { name: 'login-failures', count: limits.loginFailures, windowMs: 15 * MINUTE },
  /** On one account, from all addresses from which it has not been used. */
  fromStrangers: {
    name: 'login-failures-of-account',
    count: limits.loginFailuresPerAccount,
    windowMs: 24 * HOUR,
  },
})

export type LoginFailures = ReturnType<typeof loginFailuresOf>
