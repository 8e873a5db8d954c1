import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { checkFiles } from './check-deploy.ts'
import { batchIssues, databaseOnly, environmentIssues, interpolate, REQUIRED } from './environment.ts'
import { danglingReferences, drainIssues, KubernetesObject } from './kubernetes.ts'
import { programsIn } from './programs.ts'
import { parseYaml } from './yaml.ts'

test('the deployment files have no issues', async () => {
  expect((await checkFiles()).issues).toEqual([])
})

test('an unknown setting is reported', () => {
  expect(environmentIssues('here', { ...REQUIRED, BUKET: 'media' })).toEqual([
    'here: config.ts does not know BUKET',
  ])
})

test('a missing setting is reported', () => {
  expect(environmentIssues('here', { ...REQUIRED, STORAGE: 'gcs' })).toEqual([
    'here: BUCKET: required with STORAGE=gcs',
  ])
})

test('a key that signs logins is not for batch', () => {
  const { JWT_SECRET, ...given } = REQUIRED
  expect(batchIssues('here', given)).toEqual([])
  expect(batchIssues('here', { ...given, JWT_SECRET: String(JWT_SECRET) })).toEqual([
    'here: batch must not be given JWT_SECRET',
  ])
})

test('a program that a deployment starts is traced to its source', () => {
  expect(programsIn('command: [node, dist/services/ops/migrate.js]')).toEqual(['services/ops/migrate.ts'])
})

test('a migration needs the settings of the database alone', () => {
  expect(environmentIssues('here', { DATABASE_URL: 'postgresql://here' }, databaseOnly)).toEqual([])
  expect(environmentIssues('here', {}, databaseOnly)).not.toEqual([])
})

test('compose uses the default after the dash, or nothing', () => {
  const text = ['a-$', '{A:-b:c}-$', '{B:-}$', '{C}'].join('')
  expect(interpolate(text)).toBe('a-b:c-')
})

test('an unknown field of a Kubernetes object is reported', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: {}, dat: {} }
  expect(KubernetesObject.safeParse(object).error?.issues[0]?.message).toMatch('dat')
})

test('a reference to a missing object is reported', () => {
  const service = KubernetesObject.parse({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: {
      selector: { 'app.kubernetes.io/name': 'wbe' },
      ports: [{ name: 'http', port: 1, targetPort: 'http' }],
    },
  })
  expect(danglingReferences([service])).toEqual(['Service web: there is no Deployment wbe'])
})

test('a pod that is killed before its jobs have had their time is reported', async () => {
  const [deployment] = parseYaml(
    await readFile(join(import.meta.dirname, '../kubernetes/batch.yaml'), 'utf8'),
  ).map((object) => KubernetesObject.parse(object))
  expect(drainIssues([deployment as KubernetesObject])).toEqual([])
  const { spec } = deployment as Extract<KubernetesObject, { kind: 'Deployment' }>
  spec.template.spec.terminationGracePeriodSeconds = 599
  expect(drainIssues([deployment as KubernetesObject])).toEqual([
    'Deployment batch: terminationGracePeriodSeconds must be at least 600',
  ])
})

test('every alert has a section in the operations guide, and every section an alert', async () => {
  const read = (name: string) => readFile(join(import.meta.dirname, '../..', name), 'utf8')
  const [alerts, slos] = [await read('terraform/alerts.tf'), await read('terraform/slo.tf')]
  const page = await read('docs/operations.md')
  const names = [...(alerts + slos).matchAll(/^ {4}([a-z-]+) = \{$/gm)].map(([, name]) => name)
  const headings = [...page.matchAll(/^### ([a-z-]+)$/gm)].map(([, name]) => name)
  expect(headings.toSorted()).toEqual([...names, 'web-unreachable'].toSorted())
})

test('dashboard and rules query only metrics that the services export', async () => {
  const read = (name: string) => readFile(join(import.meta.dirname, '../..', name), 'utf8')
  const page =
    (await read('deploy/grafana/dashboards/cutroom.json')) + (await read('deploy/prometheus-rules.yml'))
  const measured = await read('services/shared/observability/metrics.ts')
  const asked = [...page.matchAll(/cutroom_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, ''))
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter((name) => !measured.includes(`'${name}'`))).toEqual([])
})
