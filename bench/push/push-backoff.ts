/**
 * Seconds between two messages that Pub/Sub delivers to a push endpoint which refuses some, whatever the retry policy of the
 * subscription. Google documents two points, "approximately every 500 milliseconds" at one refusal a second and "every 30 through
 * 60 seconds" at five, and the bounds of 100 ms and 60 s: https://cloud.google.com/pubsub/docs/push#push_backoff. Between them
 * we take it to be exponential, as the page calls it.
 */
export function pushBackoffS(refusalsPerSecond: number): number {
  if (refusalsPerSecond <= 0) return 0
  const delay = AT_ONE_S * (AT_FIVE_S / AT_ONE_S) ** ((refusalsPerSecond - 1) / 4)
  return Math.min(60, Math.max(0.1, delay))
}

const AT_ONE_S = 0.5
const AT_FIVE_S = 45

/** Over so many seconds the refusals are averaged: our assumption, since the page says nothing of it. */
const AVERAGED_S = 10

/** Counts refusals at simulated times in seconds, and tells how long the subscription waits between messages. */
export function createPushBackoff() {
  let refusals: number[] = []
  return {
    refused(now: number): void {
      refusals.push(now)
    },
    delayS(now: number): number {
      refusals = refusals.filter((at) => at > now - AVERAGED_S)
      return pushBackoffS(refusals.length / AVERAGED_S)
    },
  }
}
