import type { ErrorCode } from '../errors.ts'

/** A claimed delivery. `attempt` is the fencing token. */
export type ClaimedDelivery = { id: string; attempt: number }

/**
 * Claims deliveries and records how they went. Concurrent senders claim different rows, and a claim is a lease: when its sender
 * dies, the delivery becomes due again. What is recorded names the attempt and changes nothing once a later attempt has started.
 */
export type DeliveryRepository<Due extends ClaimedDelivery> = {
  /**
   * Claims due deliveries, those with the fewest attempts first, so that receivers which never respond do not delay the others.
   * `firstOnly` claims only those that have not been attempted yet.
   */
  claimDue(limit: number, options?: { firstOnly?: boolean }): Promise<Due[]>
  delivered(delivery: ClaimedDelivery): Promise<void>
  /** Makes the delivery due again after the delay. */
  postpone(delivery: ClaimedDelivery, error: ErrorCode, delayMs: number): Promise<void>
  giveUp(delivery: Due, error: ErrorCode): Promise<void>
}
