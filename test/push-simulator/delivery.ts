/** How a subscription delivers. Times in ms; the values of the real service are in parentheses. */
export type DeliverySettings = {
  /** Deliveries of every message (1, occasionally 2). */
  copies: number
  /** Pushes in flight at once (thousands). */
  concurrency: number
  /** Start with one push in flight; each acknowledgement doubles the window, each refusal halves it (true). */
  slowStart: boolean
  /** A push without a reply for this long is repeated while it is still open, and its reply is ignored (600 000). */
  ackDeadlineMs: number
  /** Delay after the first refusal (10 000); doubled after each further one, … */
  minBackoffMs: number
  /** … up to this (600 000). */
  maxBackoffMs: number
  /** Deliveries after which a message is dead-lettered (5 to 100); 0 never dead-letters. */
  maxDeliveryAttempts: number
  /** Maximum delay before the first delivery; the actual delay is random. */
  delayMs: number
  /** Whether ready messages are delivered in random order. */
  reorder: boolean
}

/** The behaviour of the real service, a hundred times as fast. */
export const DEFAULT_DELIVERY: DeliverySettings = {
  copies: 1,
  concurrency: 1000,
  slowStart: true,
  ackDeadlineMs: 6_000,
  minBackoffMs: 100,
  maxBackoffMs: 6_000,
  maxDeliveryAttempts: 5,
  delayMs: 0,
  reorder: true,
}

/** What happens to a message after a delivery. */
export type Verdict =
  | { kind: 'acknowledged' }
  | { kind: 'retry'; delayMs: number }
  | { kind: 'dead-lettered' }

/** Statuses that acknowledge a message. 202 does according to the documentation, but not in the emulator. */
const ACKNOWLEDGED = new Set([102, 200, 201, 204])

/** Decides by the status of the reply; undefined means no reply, or one after the deadline. `attempt` counts from 1, `random` lies in [0, 1). */
export function verdictOf(
  status: number | undefined,
  attempt: number,
  settings: Pick<DeliverySettings, 'minBackoffMs' | 'maxBackoffMs' | 'maxDeliveryAttempts'>,
  random: number,
): Verdict {
  if (status !== undefined && ACKNOWLEDGED.has(status)) return { kind: 'acknowledged' }
  const { minBackoffMs, maxBackoffMs, maxDeliveryAttempts } = settings
  if (maxDeliveryAttempts > 0 && attempt >= maxDeliveryAttempts) return { kind: 'dead-lettered' }
  const full = Math.min(maxBackoffMs, minBackoffMs * 2 ** (attempt - 1))
  return { kind: 'retry', delayMs: Math.round(full * (0.9 + 0.2 * random)) }
}

/** The window of pushes in flight after a verdict. */
export function windowAfter(
  window: number,
  verdict: Verdict,
  { slowStart, concurrency }: Pick<DeliverySettings, 'slowStart' | 'concurrency'>,
): number {
  if (!slowStart) return concurrency
  if (verdict.kind === 'acknowledged') return Math.min(concurrency, window * 2)
  return Math.max(1, Math.floor(window / 2))
}
