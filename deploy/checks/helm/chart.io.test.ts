import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { version } from '#shared/version.ts'
import { danglingReferences, drainIssues, KubernetesObject } from '../kubernetes.ts'
import { parseYaml } from '../yaml.ts'
import { plainManifests } from './manifests.ts'
import { chartValues, missingForChart, renderChart, type Values } from './render-chart.ts'

const DEPLOY = join(import.meta.dirname, '../..')
/** Compiling takes a while on the first run. */
const TIMEOUT_MS = 120_000

const missing = missingForChart()
if (missing) console.warn(`\n*** SKIPPED the tests of the Helm chart: there is no ${missing}. ***\n`)
const testRendered = missing ? test.skip : test

const objectsOf = async (changes: Values) =>
  [...(await renderChart(changes)).values()]
    .flatMap(parseYaml)
    .map((object) => KubernetesObject.parse(object))

test('the chart installs the images of this version', async () => {
  const [chart] = parseYaml(await readFile(join(DEPLOY, 'helm/Chart.yaml'), 'utf8'))
  expect(chart).toMatchObject({ version, appVersion: version })
})

test('values replace what they name, and no more', async () => {
  const { batch, host } = await chartValues({ batch: { maxReplicas: 20 } })
  expect(batch).toMatchObject({ minReplicas: 1, maxReplicas: 20 })
  expect(host).toBe('cutroom.example.com')
})

testRendered(
  'the plain manifests are those of the chart; npm run manifests writes them',
  async () => {
    for (const [path, text] of await plainManifests()) {
      expect({ path, text: await readFile(join(DEPLOY, path), 'utf8') }).toEqual({ path, text })
    }
  },
  TIMEOUT_MS,
)

testRendered(
  'values reach the objects',
  async () => {
    const objects = await objectsOf({
      accounts: { web: { 'iam.gke.io/gcp-service-account': 'web@clips.iam.gserviceaccount.com' } },
      batch: { drainSeconds: 60, maxReplicas: 7, memory: '12Gi' },
      host: 'clips.example.org',
      images: { web: { repository: 'eu.example.org/web', tag: 'v9' } },
      secret: 'clips-secrets',
      settings: { LOG_LEVEL: 'debug', MAIL_FROM: 'clips@example.org' },
      storage: { className: 'nfs' },
    })
    const find = (kind: string, name: string) =>
      JSON.stringify(objects.find((one) => one.kind === kind && one.metadata.name === name))
    expect(find('ConfigMap', 'cutroom')).toContain('"PUBLIC_URL":"https://clips.example.org"')
    expect(find('ConfigMap', 'cutroom')).toContain('"MAIL_FROM":"clips@example.org"')
    expect(find('Deployment', 'web')).toContain('"image":"eu.example.org/web:v9"')
    expect(find('Job', 'migrate')).toContain('"image":"eu.example.org/web:v9"')
    expect(find('Deployment', 'batch')).toContain('"memory":"12Gi"')
    expect(find('Deployment', 'batch')).toContain('"terminationGracePeriodSeconds":70')
    expect(find('HorizontalPodAutoscaler', 'batch')).toContain('"maxReplicas":7')
    expect(find('Ingress', 'web')).toContain('"host":"clips.example.org"')
    expect(find('PersistentVolumeClaim', 'files')).toContain('"storageClassName":"nfs"')
    expect(find('ServiceAccount', 'web')).toContain('web@clips.iam.gserviceaccount.com')
    expect(JSON.stringify(objects)).not.toContain('"name":"cutroom","key"')
    expect(drainIssues(objects)).toEqual([])
    expect(danglingReferences(objects)).toEqual(
      danglingReferences(objects).filter((issue) => issue.endsWith('Secret clips-secrets')),
    )
  },
  TIMEOUT_MS,
)

testRendered(
  'parts can be left out, and KEDA takes the place of the autoscaler of batch',
  async () => {
    const objects = await objectsOf({
      ingress: { enabled: false },
      keda: { enabled: true },
      monitoring: { enabled: false },
      networkPolicy: { enabled: false },
    })
    const named = objects.map(({ kind, metadata: { name } }) => `${kind} ${name}`)
    expect(named).toContain('ScaledObject batch')
    expect(
      named.filter((name) => /Autoscaler batch|Ingress|Monitor|NetworkPolicy|worker$/.test(name)),
    ).toEqual(['ServiceAccount worker'])
  },
  TIMEOUT_MS,
)
