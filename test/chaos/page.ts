import { execFileSync } from 'node:child_process'
import { arch, availableParallelism, cpus, totalmem } from 'node:os'

const BEGIN = '<!-- latest full run -->'
const END = '<!-- end of the latest full run -->'

/** Replaces the text between the markers of a document. Throws when it has none. */
export function withLatestRun(page: string, text: string): string {
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`The document has no ${BEGIN} … ${END}.`)
  return `${before}${BEGIN}\n\n${text}\n\n${END}${after}`
}

/** The command, date, machine and versions of a run, as one line. */
export function environmentLine(command: string): string {
  const ffmpeg = execFileSync(process.env.FFMPEG_PATH || 'ffmpeg', ['-version'], { encoding: 'utf8' }).split(
    ' ',
  )[2]
  const model = cpus()[0]?.model.trim() || arch()
  const machine = `${availableParallelism()} cores (${model}), ${Math.round(totalmem() / 1024 ** 3)} GB`
  const day = new Date().toISOString().slice(0, 10)
  return `\`${command}\`, ${day}, ${machine}, Node ${process.versions.node}, ffmpeg ${ffmpeg}.`
}
