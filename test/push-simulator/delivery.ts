/** How a subscription delivers. Times in ms; the real service's are given in brackets. */
export type DeliverySettings = {
  /** Deliveries of every message, as duplicates of one another (1, now and then 2). */
  copies: number
  /** Pushes in flight at once (thousands). */
  concurrency: number
  /** Begin with one push in flight; each acknowledgement doubles the window, each refusal halves it (true). */
  slowStart: boolean
  /** A push unanswered for that long is made again while it still runs, and its answer counts no more (600 000). */
  ackDeadlineMs: number
  /** Rest after the first refusal (10 000); twice as long after each further one, … */
  minBackoffMs: number
  /** … up to this (600 000). */
  maxBackoffMs: number
  /** Deliveries after which a message is given up (5 to 100); 0 never gives up. */
  maxDeliveryAttempts: number
  /** Longest wait before the first delivery; the actual one is random. */
  delayMs: number
  /** Whether ready messages are taken in random order. */
  reorder: boolean
}

/** The real service's way, a hundred times as fast. */
export const usualDelivery: DeliverySettings = {
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

/** What becomes of a message after a delivery; `attempt` counts from 1, `chance` lies in [0, 1). */
export type Verdict = { kind: 'acknowledged' } | { kind: 'again'; restMs: number } | { kind: 'given-up' }

/** Statuses that acknowledge. 202 is one by the letter of the documentation, and not by the emulator's. */
const ACKNOWLEDGED = new Set([102, 200, 201, 204])

/** Decides by the reply's status; undefined stands for no reply, or one that came after the deadline. */
export function verdictOf(
  status: number | undefined,
  attempt: number,
  settings: Pick<DeliverySettings, 'minBackoffMs' | 'maxBackoffMs' | 'maxDeliveryAttempts'>,
  chance: number,
): Verdict {
  if (status !== undefined && ACKNOWLEDGED.has(status)) return { kind: 'acknowledged' }
  const { minBackoffMs, maxBackoffMs, maxDeliveryAttempts } = settings
  if (maxDeliveryAttempts > 0 && attempt >= maxDeliveryAttempts) return { kind: 'given-up' }
  const full = Math.min(maxBackoffMs, minBackoffMs * 2 ** (attempt - 1))
  return { kind: 'again', restMs: Math.round(full * (0.9 + 0.2 * chance)) }
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
