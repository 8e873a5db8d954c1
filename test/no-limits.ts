/** Settings with which no limit of web is noticed: for tests and benchmarks that are about something else. */
export const NO_LIMITS = {
  SIGNUPS_PER_HOUR: '1000000',
  LOGINS_PER_MINUTE: '1000000',
  LOGIN_FAILURES: '1000000',
  LOGIN_FAILURES_PER_ACCOUNT: '1000000',
  TASKS_PER_SECOND: '1000000',
  TASKS_MAX_UNFINISHED: '1000000',
}
