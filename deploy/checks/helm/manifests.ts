/**
 * `npm run manifests` writes the Kubernetes objects of deploy/kubernetes and deploy/kubernetes-keda, which are the chart of
 * deploy/helm with its default values, workers, and KEDA. A test compares them.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { missingForChart, renderChart } from './render-chart.ts'

const DEPLOY = join(import.meta.dirname, '../..')

/** The files by their paths below deploy/. */
export async function plainManifests(): Promise<Map<string, string>> {
  const [plain, keda] = await Promise.all([
    renderChart({ worker: { replicas: 2 } }),
    renderChart({ keda: { enabled: true } }),
  ])
  const files = [...plain].map(([name, text]): [string, string] => [`kubernetes/${name}`, text])
  return new Map([...files, ['kubernetes-keda/scaling.yaml', keda.get('keda.yaml') ?? '']])
}

if (import.meta.main) {
  const missing = missingForChart()
  if (missing) {
    console.error(`The chart cannot be rendered without ${missing}.`)
    process.exitCode = 1
  } else {
    for (const [path, text] of await plainManifests()) await writeFile(join(DEPLOY, path), text)
  }
}
