/** Speeds of tests, and which of them run one after the other, and which at the same time. */
export type Schedule = string | { order: 'in turn' | 'together'; parts: Schedule[] }

export const inTurn = (...parts: Schedule[]): Schedule => ({ order: 'in turn', parts })

export const together = (...parts: Schedule[]): Schedule => ({ order: 'together', parts })

/** In the order in which they stand there. */
export const speedsOf = (schedule: Schedule): string[] =>
  typeof schedule === 'string' ? [schedule] : schedule.parts.flatMap(speedsOf)

/** Runs the speeds of a schedule; those that stand after others begin unless `isOver`. Returns what each gave. */
export async function runSchedule<T>(
  schedule: Schedule,
  run: (speed: string) => Promise<T>,
  isOver: () => boolean,
): Promise<T[]> {
  if (typeof schedule === 'string') return isOver() ? [] : [await run(schedule)]
  const { order, parts } = schedule
  if (order === 'together') {
    return (await Promise.all(parts.map((part) => runSchedule(part, run, isOver)))).flat()
  }
  const results: T[] = []
  for (const part of parts) results.push(...(await runSchedule(part, run, isOver)))
  return results
}
