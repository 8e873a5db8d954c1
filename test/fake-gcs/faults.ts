/**
 * Something going wrong on purpose for the next requests. `status` answers with an error, `reset` breaks the
 * connection before anything is done, `lose-reply` does what was asked and then breaks the connection,
 * `cut-reply` breaks it half-way through the reply's body.
 */
export type Fault = {
  kind: 'status' | 'reset' | 'lose-reply' | 'cut-reply'
  status?: number
  /** Requests it strikes; all from now on when left out. */
  count?: number
  method?: string
  /** Part of the request's URL. */
  url?: string
}

/** Faults waiting for their requests. The first one that fits strikes. */
export function createFaults() {
  const waiting: (Fault & { left: number })[] = []
  return {
    add(fault: Fault) {
      waiting.push({ ...fault, left: fault.count ?? Number.POSITIVE_INFINITY })
    },
    clear() {
      waiting.length = 0
    },
    take(method: string, url: string): Fault | undefined {
      const fault = waiting.find((each) => each.left > 0 && fits(each, method, url))
      if (fault) fault.left--
      return fault
    },
  }
}

function fits(fault: Fault, method: string, url: string): boolean {
  return (fault.method ?? method) === method && url.includes(fault.url ?? '')
}
