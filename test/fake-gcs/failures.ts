/**
 * An injected failure of the next requests. `status` replies with an error, `reset` closes the connection before the
 * request is handled, `lose-reply` handles the request and then closes the connection, `cut-reply` closes it in the middle of
 * the reply's body.
 */
export type Failure = {
  kind: 'status' | 'reset' | 'lose-reply' | 'cut-reply'
  status?: number
  /** Number of requests that fail; all further ones by default. */
  count?: number
  method?: string
  /** Substring of the request's URL. */
  url?: string
}

/** The injected failures that are pending; a request takes the first one that matches it. */
export function createFailures() {
  const pending: (Failure & { left: number })[] = []
  return {
    add(failure: Failure) {
      pending.push({ ...failure, left: failure.count ?? Number.POSITIVE_INFINITY })
    },
    clear() {
      pending.length = 0
    },
    take(method: string, url: string): Failure | undefined {
      const failure = pending.find((each) => each.left > 0 && matches(each, method, url))
      if (failure) failure.left--
      return failure
    },
  }
}

function matches(failure: Failure, method: string, url: string): boolean {
  return (failure.method ?? method) === method && url.includes(failure.url ?? '')
}
