import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { planMemory } from '#batch/memory/plan-memory.ts'

const GIB = 1024 ** 3
const read = (path: string) => readFile(join(import.meta.dirname, '../..', path), 'utf8')
const source = 'the limit of the container'

describe('the jobs of each deployment fit into its memory, at 1 GiB or more each', () => {
  const jobBytes = (gib: number, { slots = 1, scratch = 0 }) =>
    planMemory({ limit: gib * GIB, scratch: scratch * GIB, source }, slots).jobBytes

  test.each(['batch', 'worker'])('Kubernetes: %s', async (name) => {
    const manifest = await read(`deploy/kubernetes/${name}.yaml`)
    const limit = Number(/limits: \{ memory: (\d+)Gi\b/.exec(manifest)?.[1])
    const slots = Number(/BATCH_CONCURRENCY, value: "(\d+)"/.exec(manifest)?.[1])
    expect(jobBytes(limit, { slots })).toBeGreaterThanOrEqual(GIB)
  })

  test('Compose: the default of BATCH_CONCURRENCY is one job for each 3 GiB', async () => {
    const limits = [...(await read('docker-compose.yml')).matchAll(/mem_limit: \$\{BATCH_MEMORY:-(\d+)g\}/g)]
    expect(limits).toHaveLength(2)
    for (const [, limit] of limits) {
      const slots = Math.max(1, Math.floor(Number(limit) / 3))
      expect(jobBytes(Number(limit), { slots })).toBeGreaterThanOrEqual(GIB)
    }
  })

  const files = ['variables.tf', 'environments/dev/main.tf', 'environments/prod/main.tf']
  test.each(files)('Terraform: %s', async (name) => {
    const [text, defaults] = [await read(`terraform/${name}`), await read('terraform/variables.tf')]
    const value = (variable: string): number => {
      const own = new RegExp(`^ *${variable} *= *(\\d+)`, 'm').exec(text)?.[1]
      const fallback = new RegExp(`variable "${variable}" \\{[^}]*?default *= *(\\d+)`).exec(defaults)?.[1]
      return Number(own ?? fallback)
    }
    const slots = Math.max(1, Math.floor(value('batch_cpu') / 2))
    // MEDIA_MAX_SCRATCH_BYTES is 1.9 halves of a job's share.
    const scratch = value('batch_scratch_gib') * 0.95
    expect(jobBytes(value('batch_memory_gib'), { slots, scratch })).toBeGreaterThanOrEqual(GIB)
  })
})
