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
  for (const [setting, port] of Object.entries(ports)) {
    const same = Object.keys(ports).find((other) => other !== setting && ports[other] === port)
    if (same) throw new Error(`${setting} and ${same} must differ; both are ${port}.`)
  }
  for (const [setting, port] of Object.entries(ports)) {
    if (!(await isPortFree(host, port))) {
      throw new Error(`Port ${port} on ${host} is not available; set ${setting} to another port.`)
    }
  }
  await requireSupportedVersions(programs)
}
