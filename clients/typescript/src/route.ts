/** How an operation is called. */
export type Route<Id extends string> = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  /** Whether it takes an `Idempotency-Key`, which makes it safe to repeat. */
  takesKey?: true
  /** Sent twice, it does something else the second time, so it is not repeated when a reply was lost. */
  once?: true
  /** The name of the operation: only a type, so that a route is no larger than it has to be. */
  id?: Id
}
