import type { ClaimResult } from '#shared/tasks/job-repository.ts'

/** The jobs that this process runs at the same time; it keeps a job that must run alone from having others beside it. */
export type RunningJobs = {
  /** Counts one more job until the result is disposed; undefined while a job runs alone. */
  begin(): Promise<RunningJob | undefined>
}

export type RunningJob = Disposable & {
  /** Claims a job. `claim` learns whether this process runs no other, and so whether it may claim one that must run alone. */
  claim(claim: (isIdle: boolean) => Promise<ClaimResult>): Promise<ClaimResult>
}

/** `onAloneEnded` is called when a job that ran alone has ended. */
export function createRunningJobs(onAloneEnded: () => void = () => {}): RunningJobs {
  let jobs = 0
  let isAlone = false
  /** Set while an idle process claims: whether the others may claim depends on what it gets. */
  let deciding: Promise<unknown> | undefined

  return {
    async begin() {
      while (deciding) await deciding
      if (isAlone) return undefined
      jobs += 1
      const isIdle = jobs === 1
      const decision = Promise.withResolvers<void>()
      if (isIdle) deciding = decision.promise
      const decide = () => {
        if (deciding === decision.promise) deciding = undefined
        decision.resolve()
      }
      let runsAlone = false
      return {
        async claim(claim) {
          try {
            const result = await claim(isIdle)
            runsAlone = result.kind === 'claimed' && result.claim.alone
            isAlone ||= runsAlone
            return result
          } finally {
            decide()
          }
        },
        [Symbol.dispose]() {
          decide()
          jobs -= 1
          if (!runsAlone) return
          isAlone = false
          onAloneEnded()
        },
      }
    },
  }
}
