import type { Random } from './random.ts'
import type { Stack, StackOptions } from './stack.ts'

/** What a scenario has to do with. */
export type Kit = {
  /** Smaller counts, for a run of minutes. */
  short: boolean
  random: Random
  /** Starts the product for this scenario. */
  start(options?: StackOptions): Promise<Stack>
  /** Says how far it has come. */
  say(line: string): void
}

/** `figure` is what was measured, in words; `met` whether the promise held. */
export type Result = { figure: string; met: boolean }

/** One promise, and the way to break it. */
export type Scenario = { name: string; promise: string; run(kit: Kit): Promise<Result> }
