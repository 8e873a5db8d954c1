/**
 * The time that a task took, in seconds, for each minute of its outputs; undefined when they have no duration, as images. What every
 * task takes, however short, would make short ones look slow: outputs of less than a minute count as one.
 */
export function secondsPerMediaMinute(
  seconds: number,
  outputs: Record<string, unknown>[],
): number | undefined {
  const media = outputs.reduce((sum, output) => sum + secondsOf(output), 0)
  return media > 0 ? seconds / Math.max(1, media / 60) : undefined
}

const secondsOf = ({ seconds }: Record<string, unknown>): number =>
  typeof seconds === 'number' ? seconds : 0
