import type { Random } from './random.ts'
import type { Stack, StackOptions } from './stack.ts'

/** What a scenario works with. */
export type ScenarioContext = {
  /** Smaller counts, for a run of a few minutes. */
  short: boolean
  random: Random
  /** Starts the services for this scenario; they are stopped when it ends. */
  start(options?: StackOptions): Promise<Stack>
  /** Prints a line of progress. */
  report(line: string): void
}

/** `figure` describes what was measured; `met` is true when the promise was kept. */
export type Result = { figure: string; met: boolean }

/** One promise, and the faults that test it. `isTimed`: it is about time, so that nothing else may run meanwhile. */
export type Scenario = {
  name: string
  promise: string
  isTimed?: true
  run(context: ScenarioContext): Promise<Result>
}
