import { requireSupportedVersions } from '#batch/media/ffmpeg/capabilities.ts'
import { isPortFree } from './ports.ts'

export type Requirements = {
  host: string
  /** Port numbers by the name of their setting. */
  ports: Record<string, number>
  /** Programs by the name of their setting. */
  programs: Record<string, string>
}

/** Checks that the stack can run here. Rejects with one line about the first problem. */
export async function checkMachine({ host, ports, programs }: Requirements): Promise<void> {
  const numbers = Object.values(ports)
  if (new Set(numbers).size < numbers.length) {
    throw new Error(`${Object.keys(ports).join(' and ')} must differ; both are ${numbers[0]}.`)
  }
  for (const [setting, port] of Object.entries(ports)) {
    if (!(await isPortFree(host, port))) {
      throw new Error(`Port ${port} on ${host} is not available; set ${setting} to another port.`)
    }
  }
  await requireSupportedVersions(programs)
}
