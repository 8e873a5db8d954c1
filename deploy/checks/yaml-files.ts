/** Checks of the YAML files: compose, Cloud Build, Kubernetes. Each returns issues, one line each, naming the file. */
import { globSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { z } from 'zod'
import {
  batchIssues,
  databaseOnly,
  type Env,
  environmentIssues,
  interpolate,
  sampleValue,
} from './environment.ts'
import { danglingReferences, drainIssues, KubernetesObject } from './kubernetes.ts'
import { parseYaml } from './yaml.ts'

const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z
        .string()
        .regex(
          /^cutroom-(web|batch)$|:[\w.-]*\d[\w.-]*@sha256:[0-9a-f]{64}$/,
          'name a version of the image and its digest',
        ),
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()).default({}),
      restart: z.string().optional(),
      healthcheck: z.object({ test: z.array(z.string()).min(2) }).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      ports: z.array(z.string().startsWith('127.0.0.1:', 'publish ports on 127.0.0.1 only')).default([]),
      volumes: z.array(z.string()).default([]),
      configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
    }),
  ),
  configs: z.record(z.string(), z.object({ content: z.string() })).default({}),
  volumes: z.record(z.string(), z.null()),
})

/** Settings of our services, health checks, and what services say about each other. */
export async function composeIssues(root: string): Promise<string[]> {
  const [document] = parseYaml(await readFile(join(root, 'docker-compose.yml'), 'utf8'))
  const parsed = Compose.safeParse(document)
  if (!parsed.success) return toIssues('docker-compose.yml', parsed.error)
  const { services, volumes, configs } = parsed.data
  return Object.entries(services).flatMap(([name, service]) => {
    const where = `docker-compose.yml: ${name}`
    const env = Object.fromEntries(
      Object.entries(service.environment).map(([key, value]) => [key, interpolate(value)]),
    )
    return [
      ...settingsIssues(where, service, env),
      ...(service.healthcheck || service.restart === 'no' || env.WORKER_MODE === 'pull'
        ? []
        : [`${where} has no health check`]),
      ...Object.entries(service.depends_on).flatMap(([other, { condition }]) =>
        condition !== 'service_healthy' || services[other]?.healthcheck
          ? []
          : [`${where} waits for ${other} to be healthy, and ${other} has no health check`],
      ),
      ...service.volumes
        .map((volume) => volume.split(':')[0] as string)
        .filter((volume) => !volume.startsWith('.') && !(volume in volumes))
        .map((volume) => `${where}: there is no volume ${volume}`),
      ...service.configs
        .filter(({ source }) => !(source in configs))
        .map(({ source }) => `${where}: there is no config ${source}`),
    ]
  })
}

/** What is wrong with the settings of a container; nothing if its image is not ours. A command of its own is the migration. */
function settingsIssues(
  where: string,
  container: { image: string; command?: string[] | undefined },
  env: Env,
) {
  const [, service] = /(?:^|\/)cutroom-(web|batch)(?::|$)/.exec(container.image) ?? []
  if (service === 'batch') return batchIssues(where, env)
  if (service !== 'web') return []
  return environmentIssues(where, env, container.command ? databaseOnly : undefined)
}

export async function kubernetesIssues(root: string): Promise<string[]> {
  const { objects, issues } = await readKubernetes(root)
  return [
    ...issues,
    ...danglingReferences(objects),
    ...drainIssues(objects),
    ...kubernetesContainers(objects).flatMap(({ owner, container, env }) =>
      settingsIssues(`deploy/kubernetes: ${owner}`, container, env),
    ),
  ]
}

/** The objects of deploy/kubernetes and its overlays, and what is not one. */
export async function readKubernetes(root: string) {
  const names = globSync('deploy/{kubernetes,kubernetes-gke,kubernetes-keda}/!(kustomization).yaml', {
    cwd: root,
  })
  const read = await Promise.all(
    names.map(async (name) =>
      parseYaml(await readFile(join(root, name), 'utf8')).map((object) => ({ name, object })),
    ),
  )
  const parsed = read.flat().map(({ name, object }) => ({ name, result: KubernetesObject.safeParse(object) }))
  return {
    objects: parsed.flatMap(({ result }) => (result.success ? [result.data] : [])),
    issues: parsed.flatMap(({ name, result }) => (result.success ? [] : toIssues(name, result.error))),
  }
}

/** Each container with its environment, and valid values for the secrets that the example leaves open; `owner`: kind and name. */
export function kubernetesContainers(objects: KubernetesObject[]) {
  const settings: Env = {}
  const secrets: Env = {}
  for (const object of objects) {
    if (object.kind === 'ConfigMap') Object.assign(settings, object.data)
    if (object.kind === 'Secret') Object.assign(secrets, object.stringData)
  }
  for (const [name, value] of Object.entries(secrets))
    if (value === 'REPLACE') secrets[name] = sampleValue(name)
  return objects.flatMap((object) => {
    if (object.kind !== 'Deployment' && object.kind !== 'Job') return []
    const { containers, terminationGracePeriodSeconds } = object.spec.template.spec
    return containers.map((container) => {
      const { envFrom, env = [] } = container
      const all = envFrom.some((from) => 'secretRef' in from) ? secrets : {}
      const common = envFrom.some((from) => 'configMapRef' in from) ? settings : {}
      const given = env.map((each) =>
        'value' in each
          ? [each.name, each.value]
          : [each.name, secrets[each.valueFrom.secretKeyRef.key] ?? ''],
      )
      return {
        owner: `${object.kind} ${object.metadata.name}`,
        container,
        terminationGracePeriodSeconds,
        env: { ...common, ...all, ...Object.fromEntries(given) } as Env,
      }
    })
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
      env: z.array(z.string().regex(/^[A-Z_]+=/)).optional(),
      args: z.array(z.string()),
    }),
  ),
})

/** Files of deploy/ that do not parse as YAML. Templates of the chart need not, before they are rendered. */
export async function syntaxIssues(root: string): Promise<string[]> {
  const entries = await readdir(join(root, 'deploy'), { recursive: true, withFileTypes: true })
  const files = entries.filter(
    ({ name, parentPath }) => /\.ya?ml$/.test(name) && !parentPath.endsWith('helm/templates'),
  )
  const issues = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    try {
      parseYaml(await readFile(path, 'utf8'))
      return []
    } catch (error) {
      return [`${relative(root, path)}: ${(error as Error).message}`]
    }
  })
  return (await Promise.all(issues)).flat()
}

/** Cloud Build rejects unused substitutions and steps that wait for an unknown step. */
export async function buildIssues(root: string): Promise<string[]> {
  const text = await readFile(join(root, 'cloudbuild.yaml'), 'utf8')
  const [document] = parseYaml(text)
  const parsed = Build.safeParse(document)
  if (!parsed.success) return toIssues('cloudbuild.yaml', parsed.error)
  const { substitutions, steps } = parsed.data
  const used = new Set(
    [...JSON.stringify(document).matchAll(/(?<!\$)\$\{?(_[A-Z0-9_]+)/g)].map(([, name]) => name as string),
  )
  const ids = new Set(['-', ...steps.map(({ id }) => id)])
  return [
    ...Object.keys(substitutions)
      .filter((name) => !used.has(name))
      .map((name) => `cloudbuild.yaml: substitution ${name} is not used`),
    ...[...used]
      .filter((name) => !(name in substitutions))
      .map((name) => `cloudbuild.yaml: substitution ${name} has no default`),
    ...steps.flatMap(({ id, waitFor = [] }) =>
      waitFor
        .filter((other) => !ids.has(other))
        .map((other) => `cloudbuild.yaml: step ${id} waits for ${other}, which does not exist`),
    ),
  ]
}

const toIssues = (where: string, error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => `${where}: ${path.join('.')}: ${message}`)
