import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { isPortFree } from './ports.ts'

export type Needs = {
  host: string
  /** Setting and number. */
  ports: Record<string, number>
  /** Setting and program. */
  programs: Record<string, string>
}

/** Rejects with one line on the first thing that would keep the stack from running here. */
export async function checkMachine({ host, ports, programs }: Needs): Promise<void> {
  const numbers = Object.values(ports)
  if (new Set(numbers).size < numbers.length) {
    throw new Error(`${Object.keys(ports).join(' and ')} must differ; both are ${numbers[0]}.`)
  }
  for (const [setting, port] of Object.entries(ports)) {
    if (!(await isPortFree(host, port))) {
      throw new Error(`Port ${port} on ${host} cannot be listened on; set ${setting} to another one.`)
    }
  }
  for (const [setting, program] of Object.entries(programs)) {
    await promisify(execFile)(program, ['-version']).catch((cause) => {
      throw new Error(`${program} does not run here; install ffmpeg or set ${setting}.`, { cause })
    })
  }
}
