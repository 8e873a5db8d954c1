/** A job of an expanded task: the index of the one that waits for it. */
export type Scheduled = { unblocks: number | null }

/** Gives jobs out in the product's claim order: of those that wait for no other, the oldest goes first. */
function createClaims(jobs: Scheduled[]) {
  const started = new Set<number>()
  const waitsFor = jobs.map((_, i) => jobs.filter(({ unblocks }) => unblocks === i).length)
  return {
    claim(): number | undefined {
      const next = jobs.findIndex((_, i) => !started.has(i) && waitsFor[i] === 0)
      if (next < 0) return undefined
      started.add(next)
      return next
    },
    end(index: number): void {
      const unblocked = jobs[index]?.unblocks
      if (unblocked != null) waitsFor[unblocked] = (waitsFor[unblocked] ?? 0) - 1
    },
  }
}

/** Works on jobs, on as many at a time as there are slots. */
export async function workOn(
  jobs: Scheduled[],
  slots: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  const claims = createClaims(jobs)
  const running = new Set<Promise<void>>()
  while (true) {
    const next = running.size < slots ? claims.claim() : undefined
    if (next !== undefined) {
      const job = work(next).then(() => {
        claims.end(next)
        running.delete(job)
      })
      running.add(job)
    } else if (running.size > 0) await Promise.race(running)
    else return
  }
}

/** Seconds until all jobs have ended, on so many workers that each work on one job at a time. */
export function makespan(jobs: (Scheduled & { seconds: number })[], workers: number): number {
  const claims = createClaims(jobs)
  const running: { index: number; end: number }[] = []
  let now = 0
  while (true) {
    const next = running.length < workers ? claims.claim() : undefined
    if (next !== undefined) {
      running.push({ index: next, end: now + (jobs[next]?.seconds ?? 0) })
      running.sort((a, b) => a.end - b.end)
      continue
    }
    const ended = running.shift()
    if (!ended) return now
    now = ended.end
    claims.end(ended.index)
  }
}
