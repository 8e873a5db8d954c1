import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Target } from './attacks.ts'

export type RunningAttack = {
  /** Ends the attack; returns what its requests were answered, and how often. */
  end(): Promise<[answer: string, times: number][]>
  kill(): void
}

/** Starts an attack in a process of its own; resolves when it has begun. */
export async function startAttack(id: string, target: Target): Promise<RunningAttack> {
  const child = fork(join(import.meta.dirname, 'attacker.ts'), [id, JSON.stringify(target)], { execArgv: [] })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The attack ${id} ended with ${code}.`)
  })
  failed.catch(() => {})
  await Promise.race([once(child, 'message'), failed])
  return {
    async end() {
      const answered = once(child, 'message')
      child.send('end')
      const [tally] = await Promise.race([answered, failed])
      return tally as [string, number][]
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
