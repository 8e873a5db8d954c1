/** What the YAML files of this repository must have. Each check gives faults, as lines that name the file. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { type Env, environmentFaults, interpolate } from './environment.ts'
import { danglingNames, KubernetesObject } from './kubernetes.ts'
import { readYaml } from './yaml.ts'

const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().regex(/^cutroom-(web|batch)$|:[\w.-]*\d[\w.-]*$/, 'the image wants a version'),
      environment: z.record(z.string(), z.string()).default({}),
      restart: z.string().optional(),
      healthcheck: z.object({ test: z.array(z.string()).min(2) }).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      ports: z.array(z.string().startsWith('127.0.0.1:', 'ports are for this computer alone')).default([]),
      volumes: z.array(z.string()).default([]),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
})

/** Our settings, and whatever one service says of another. */
export async function composeFaults(root: string): Promise<string[]> {
  const [document] = await readYaml(await readFile(join(root, 'docker-compose.yml'), 'utf8'))
  const parsed = Compose.safeParse(document)
  if (!parsed.success) return issues('docker-compose.yml', parsed.error)
  const { services, volumes } = parsed.data
  return Object.entries(services).flatMap(([name, service]) => {
    const where = `docker-compose.yml: ${name}`
    const env = Object.fromEntries(
      Object.entries(service.environment).map(([key, value]) => [key, interpolate(value)]),
    )
    return [
      ...(/^cutroom-/.test(service.image) ? environmentFaults(where, env) : []),
      ...(service.healthcheck || service.restart === 'no' ? [] : [`${where} has no health check`]),
      ...Object.entries(service.depends_on).flatMap(([other, { condition }]) =>
        condition !== 'service_healthy' || services[other]?.healthcheck
          ? []
          : [`${where} waits for the health of ${other}, which has none`],
      ),
      ...service.volumes
        .map((volume) => volume.split(':')[0] as string)
        .filter((volume) => !volume.startsWith('.') && !(volume in volumes))
        .map((volume) => `${where}: there is no volume ${volume}`),
    ]
  })
}

export async function kubernetesFaults(root: string): Promise<string[]> {
  const folder = join(root, 'deploy/kubernetes')
  const names = (await readdir(folder)).filter(
    (name) => name.endsWith('.yaml') && name !== 'kustomization.yaml',
  )
  const read = await Promise.all(
    names.map(async (name) =>
      (await readYaml(await readFile(join(folder, name), 'utf8'))).map((object) => ({ name, object })),
    ),
  )
  const parsed = read.flat().map(({ name, object }) => ({ name, result: KubernetesObject.safeParse(object) }))
  const objects = parsed.flatMap(({ result }) => (result.success ? [result.data] : []))
  return [
    ...parsed.flatMap(({ name, result }) =>
      result.success ? [] : issues(`deploy/kubernetes/${name}`, result.error),
    ),
    ...danglingNames(objects),
    ...kubernetesEnvironments(objects).flatMap(([where, env]) => environmentFaults(where, env)),
  ]
}

/** What each container is told, with something better than REPLACE in the secrets. */
function kubernetesEnvironments(objects: KubernetesObject[]): [string, Env][] {
  const shared: Env = {}
  for (const object of objects) {
    if (object.kind === 'ConfigMap') Object.assign(shared, object.data)
    if (object.kind === 'Secret')
      Object.assign(shared, object.stringData, { JWT_SECRET: 'abcdefghijklmnopqrstuvwxyz0123456789' })
  }
  return objects.flatMap((object): [string, Env][] => {
    if (object.kind !== 'Deployment' && object.kind !== 'Job') return []
    const own = object.spec.template.spec.containers.flatMap(({ env = [] }) => env)
    const env = { ...shared, ...Object.fromEntries(own.map(({ name, value }) => [name, value])) }
    return [[`deploy/kubernetes: ${object.kind} ${object.metadata.name}`, env]]
  })
}

const Build = z.object({
  substitutions: z.record(z.string().regex(/^_[A-Z0-9_]+$/), z.string()),
  serviceAccount: z.string(),
  logsBucket: z.string().startsWith('gs://'),
  timeout: z.string().regex(/^\d+s$/),
  options: z.record(z.string(), z.unknown()),
  steps: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      entrypoint: z.string().optional(),
      waitFor: z.array(z.string()).optional(),
      args: z.array(z.string()),
    }),
  ),
})

/** Files of deploy/ that are no YAML. */
export async function unreadableFaults(root: string): Promise<string[]> {
  const entries = await readdir(join(root, 'deploy'), { recursive: true, withFileTypes: true })
  const files = entries.filter(({ name }) => /\.ya?ml$/.test(name))
  const faults = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    const asFault = (error: Error) => [`${relative(root, path)}: ${error.message}`]
    return readYaml(await readFile(path, 'utf8')).then(() => [], asFault)
  })
  return (await Promise.all(faults)).flat()
}

/** Cloud Build refuses a substitution that no step uses, and a step that waits for one that is not there. */
export async function buildFaults(root: string): Promise<string[]> {
  const text = await readFile(join(root, 'cloudbuild.yaml'), 'utf8')
  const [document] = await readYaml(text)
  const parsed = Build.safeParse(document)
  if (!parsed.success) return issues('cloudbuild.yaml', parsed.error)
  const { substitutions, steps } = parsed.data
  const used = new Set(
    [...JSON.stringify(document).matchAll(/(?<!\$)\$\{?(_[A-Z0-9_]+)/g)].map(([, name]) => name as string),
  )
  const ids = new Set(['-', ...steps.map(({ id }) => id)])
  return [
    ...Object.keys(substitutions)
      .filter((name) => !used.has(name))
      .map((name) => `cloudbuild.yaml: ${name} is not used`),
    ...[...used]
      .filter((name) => !(name in substitutions))
      .map((name) => `cloudbuild.yaml: ${name} has no default`),
    ...steps.flatMap(({ id, waitFor = [] }) =>
      waitFor
        .filter((other) => !ids.has(other))
        .map((other) => `cloudbuild.yaml: ${id} waits for ${other}, which is not there`),
    ),
  ]
}

const issues = (where: string, error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => `${where}: ${path.join('.')}: ${message}`)
