import { join } from 'node:path'
import { kubernetesContainers, readKubernetes } from '../../deploy/checks/yaml-files.ts'
import { type Image, type Running, readImage, start } from '../e2e/compose.ts'
import { eventually } from '../e2e/processes.ts'

const ROOT = join(import.meta.dirname, '../..')

/** What is elsewhere on this machine: environment variables of a container by their names, and the folder of the images. */
export type Machine = { env: Record<string, string>; app: string; ports: Record<number, number> }

/**
 * Runs the containers of deploy/kubernetes as processes: their images' or their own commands, with exactly the environment that
 * their ConfigMap, Secret and settings give them.
 */
export async function openPods({ env: here, app, ports }: Machine) {
  const { objects, issues } = await readKubernetes(ROOT)
  if (issues.length > 0) throw new Error(issues.join('\n'))
  const containers = kubernetesContainers(objects)
  const images: Record<string, Image> = {
    'cutroom-web': await readImage('Dockerfile.web'),
    'cutroom-batch': await readImage('Dockerfile.batch'),
  }

  function find(owner: string) {
    const found = containers.find((one) => one.owner === owner)
    const image = images[/cutroom-\w+/.exec(found?.container.image ?? '')?.[0] ?? '']
    if (!found || !image) throw new Error(`There is no ${owner} of an image of ours.`)
    return { ...found, image }
  }

  return {
    /** Seconds between SIGTERM and SIGKILL. */
    graceSeconds: (owner: string) => find(owner).terminationGracePeriodSeconds ?? 30,
    run(owner: string): Running {
      const { container, env, image } = find(owner)
      const given = { ...image.env, ...env }
      const changed = Object.entries(here).filter(([name]) => name in given)
      return start(container.command ?? image.command, { ...given, ...Object.fromEntries(changed) }, app)
    },
    /** Repeats a probe until it passes. */
    async passes(owner: string, name: 'startupProbe' | 'readinessProbe' | 'livenessProbe', pod: Running) {
      const { container } = find(owner)
      const probe = container[name]
      const port = container.ports?.find((one) => one.name === probe?.httpGet.port)?.containerPort ?? 0
      const url = `http://127.0.0.1:${ports[port]}${probe?.httpGet.path}`
      await eventually(`${owner}: ${name}`, 60_000, async () => {
        if (pod.child.exitCode !== null) throw new Error(`${owner} exited:\n${pod.output()}`)
        return (await fetch(url).catch(() => undefined))?.ok
      })
    },
  }
}
