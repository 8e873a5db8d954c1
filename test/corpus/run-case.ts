import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Task } from '#shared/contract/tasks.ts'
import type { Client } from '../e2e/client.ts'
import { eventually } from '../e2e/processes.ts'
import { deviations } from './check.ts'
import type { CorpusHost } from './host.ts'
import { measure } from './measure.ts'
import { errorDeviations, errorLine, type Outcome, resultLine, sourceDeviations } from './outcome.ts'
import type { CorpusCase, FileFacts, Input, RightResult } from './types.ts'

export type Kit = {
  client: Client
  host: CorpusHost
  /** The path of an input's file. */
  pathOf(input: Input): Promise<string>
  /** For results. */
  dir: string
}

const TIMEOUT_MS = 180_000
const isFinished = ({ status }: Task) => /^(succeeded|failed|aborted)$/.test(status)

/** Sends a case through the REST API and compares what comes out with its right values. */
export async function runCase(one: CorpusCase, kit: Kit): Promise<Outcome> {
  const body = await requestOf(one, kit)
  const began = performance.now()
  const { id } = await kit.client.create(body)
  const task = await eventually(`${one.id} ends`, TIMEOUT_MS, async () => {
    const now = await kit.client.task(id)
    return isFinished(now) && now
  })
  const seconds = (performance.now() - began) / 1000
  return { ...(await compare(one, task, kit)), seconds }
}

async function requestOf({ id, inputs, trims, recipe, assets = {}, host }: CorpusCase, kit: Kit) {
  const sources = await Promise.all(
    inputs.map(async (input, i) => {
      const path = await kit.pathOf(input)
      const trim = trims?.[i] ? { trim: trims[i] } : {}
      if (host && i === 0) return { url: await kit.host.serve(id, path, host), ...trim }
      return { upload_id: await kit.client.upload(path), ...trim }
    }),
  )
  if (typeof recipe === 'string') return { preset: recipe, sources }
  let text = JSON.stringify({ ...recipe, sources })
  for (const [name, input] of Object.entries(assets)) {
    text = text.replaceAll(`"$${name}"`, `"${await kit.client.upload(await kit.pathOf(input))}"`)
  }
  return { recipe: JSON.parse(text) }
}

async function compare({ id, right }: CorpusCase, task: Task, kit: Kit): Promise<Omit<Outcome, 'seconds'>> {
  if ('code' in right) {
    const result = task.error ? errorLine(task) : task.status
    return { result, deviations: errorDeviations(right, task) }
  }
  if (task.status !== 'succeeded') {
    const result = errorLine(task)
    return { result, deviations: [result] }
  }
  return compareOutputs(id, right, task, kit)
}

async function compareOutputs(id: string, right: RightResult, task: Task, kit: Kit) {
  const { also = {}, ...first } = right
  const wanted: [string, FileFacts][] = [[task.outputs[0]?.name ?? '', first], ...Object.entries(also)]
  const found: string[] = sourceDeviations(right, task)
  const results: string[] = []
  for (const [name, facts] of wanted) {
    const path = join(kit.dir, `${id}-${name}`)
    await writeFile(path, await kit.client.download(task.id, name))
    const measured = await measure(path, facts)
    results.push(resultLine(measured))
    found.push(...deviations(facts, measured).map((each) => (facts === first ? each : `${name}: ${each}`)))
  }
  return { result: results.join('; '), deviations: found }
}
