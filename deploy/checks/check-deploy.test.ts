import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { checkFiles } from './check-deploy.ts'
import { environmentFaults, forMigration, interpolate, terraformEnvironments } from './environment.ts'
import { readHcl } from './hcl.ts'
import { danglingNames, KubernetesObject } from './kubernetes.ts'

const enough = {
  DATABASE_URL: 'postgresql://here',
  JWT_SECRET: 'abcdefghijklmnopqrstuvwxyz0123456789',
  PUSH_SECRET: 'secret',
}

test('nothing is wrong with the files of any home', async () => {
  expect((await checkFiles()).faults).toEqual([])
})

test('a setting that config.ts does not know is named', () => {
  expect(environmentFaults('here', { ...enough, BUKET: 'media' })).toEqual([
    'here: config.ts does not know BUKET',
  ])
})

test('a setting that is missing is named', () => {
  expect(environmentFaults('here', { ...enough, STORAGE: 'gcs' })).toEqual([
    'here: BUCKET: required with STORAGE=gcs',
  ])
})

test('a migration is asked for no more than the database', () => {
  expect(environmentFaults('here', { DATABASE_URL: 'postgresql://here' }, forMigration)).toEqual([])
  expect(environmentFaults('here', {}, forMigration)).not.toEqual([])
})

test('what Terraform sets is found in blocks, in dynamic blocks and in what they share', () => {
  const file = `
    locals { shared_env = { BUCKET = "b", LOG_LEVEL = var.x == "A" ? 1 : 2 } }
    resource "google_cloud_run_v2_service" "web" {
      template {
        containers {
          dynamic "env" {
            for_each = merge(local.shared_env, { PORT = "1" })
            content { name = env.key }
          }
          env { name = "JWT_SECRET" }
        }
      }
    }`.replaceAll(/\{ (content|name|shared)/g, '{\n $1')
  const environments = terraformEnvironments([{ name: 'web.tf', body: readHcl(file, 'web.tf') }])
  expect(Object.keys(environments['google_cloud_run_v2_service.web'] ?? {})).toEqual([
    'BUCKET',
    'LOG_LEVEL',
    'PORT',
    'JWT_SECRET',
  ])
})

test('compose falls back to what stands behind the dash, or to nothing', () => {
  const text = ['a-$', '{A:-b:c}-$', '{B:-}$', '{C}'].join('')
  expect(interpolate(text)).toBe('a-b:c-')
})

test('a word too many in a Kubernetes object is a fault', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: {}, dat: {} }
  expect(KubernetesObject.safeParse(object).error?.issues[0]?.message).toMatch('dat')
})

test('a name that leads nowhere is a fault', () => {
  const service = KubernetesObject.parse({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: {
      selector: { 'app.kubernetes.io/name': 'wbe' },
      ports: [{ name: 'http', port: 1, targetPort: 'http' }],
    },
  })
  expect(danglingNames([service])).toEqual(['Service web: there is no Deployment wbe'])
})

test('every alert has its paragraph, and every paragraph its alert', async () => {
  const read = (name: string) => readFile(join(import.meta.dirname, '../..', name), 'utf8')
  const [alerts, page] = [await read('terraform/alerts.tf'), await read('docs/operations.md')]
  const names = [...alerts.matchAll(/^ {4}([a-z-]+) = \{$/gm)].map(([, name]) => name)
  const headings = [...page.matchAll(/^### ([a-z-]+)$/gm)].map(([, name]) => name)
  expect(headings.toSorted()).toEqual([...names, 'web-unreachable'].toSorted())
})

test("Grafana's page asks only for what the services measure", async () => {
  const read = (name: string) => readFile(join(import.meta.dirname, '../..', name), 'utf8')
  const page = await read('deploy/grafana/dashboards/cutroom.json')
  const measured = await read('services/shared/observability/metrics.ts')
  const asked = [...page.matchAll(/cutroom_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, ''))
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter((name) => !measured.includes(`'${name}'`))).toEqual([])
})
