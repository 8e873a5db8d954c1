import type { Task } from '#shared/contract/tasks.ts'
import type { Facts } from './facts.ts'
import type { RightError, RightResult } from './types.ts'

/** What came out of a case: a line for the table, and how it differs from the right values. */
export type Outcome = { result: string; deviations: string[]; seconds: number }

/** How a finished task differs from the error that is right for it. */
export function errorDeviations({ code, message, attempts = 1 }: RightError, task: Task): string[] {
  if (!task.error) return [`${task.status} instead of ${code}`]
  return [
    ...(task.error.code === code ? [] : [`${task.error.code} instead of ${code}: ${task.error.message}`]),
    ...(message && !message.test(task.error.message) ? [`the message is: ${task.error.message}`] : []),
    ...(task.attempts === attempts ? [] : [`${task.attempts} attempts instead of ${attempts}`]),
  ]
}

/** How the description of the first source differs from the right one. */
export function sourceDeviations({ sourceSeconds, warnings }: RightResult, { sources }: Task): string[] {
  const [source] = sources
  const seconds = source?.duration ?? Number.NaN
  const codes = (source?.warnings ?? []).map(({ code }) => code).join(' ') || 'none'
  const expected = warnings?.join(' ') || 'none'
  return [
    ...(sourceSeconds === undefined || Math.abs(seconds - sourceSeconds) <= 0.15
      ? []
      : [`the source lasts ${seconds.toFixed(2)} s instead of ${sourceSeconds}`]),
    ...(warnings === undefined || codes === expected ? [] : [`warnings: ${codes} instead of ${expected}`]),
  ]
}

/** A failed task as a line of the table. */
export const errorLine = ({ error, attempts }: Task): string =>
  `\`${error?.code}\`, ${attempts} attempt${attempts === 1 ? '' : 's'}: ${error?.message}`

/** A rendered file as a line of the table. */
export function resultLine({ seconds, video, audio, colours, loudness }: Facts): string {
  const frames = video?.frames ?? []
  const counted = frames.length > 1 ? `${frames.length} frames` : '1 image'
  const parts = [
    seconds === undefined || frames.length === 1 ? '' : `${seconds.toFixed(2)} s`,
    video ? `${video.width}x${video.height} ${video.codec}, ${counted}` : '',
    video && frames.length > 1 ? `${Number(video.fps.toFixed(3))} fps` : '',
    audio ? `${audio.codec}, ${audio.channels} ch, peak ${audio.peak.toFixed(1)} dBFS` : '',
    colours ? colours.map((rgb) => Buffer.from(rgb).toString('hex')).join(' ') : '',
    loudness === undefined ? '' : `${loudness} LUFS`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}
