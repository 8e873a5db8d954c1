import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Needs } from './prerequisites.ts'

/** What an environment of terraform/environments may use at most: its own values, else the module's defaults. */
export async function needsOf(root: string, environment: string): Promise<Needs> {
  const own = await readFile(join(root, 'terraform/environments', environment, 'main.tf'), 'utf8')
  const given = await readFile(
    join(root, 'terraform/environments', environment, 'terraform.tfvars'),
    'utf8',
  ).catch(() => '')
  const variables = await readFile(join(root, 'terraform/variables.tf'), 'utf8')
  return computeNeeds(own, variables, given)
}

/** The same from the texts of main.tf, variables.tf and terraform.tfvars. As in terraform/locals.tf, run_cpu and run_memory_gib. */
export function computeNeeds(main: string, variables: string, tfvars = ''): Needs {
  const number = (name: string): number => {
    const own = new RegExp(`^ *${name} *= *(\\d+)`, 'm').exec(main)?.[1]
    const fallback = new RegExp(`variable "${name}" \\{[^}]*?default *= *(\\d+)`).exec(variables)?.[1]
    return Number(own ?? fallback)
  }
  const large =
    number('batch_max_instances') + number('worker_pool_instances') + number('long_job_executions')
  const web = number('web_max_instances')
  return {
    cpu: web * number('web_cpu') + large * number('batch_cpu') + 1,
    memoryGib: Math.ceil((web * number('web_memory_mib')) / 1024 + large * number('batch_memory_gib') + 0.5),
    isPublic: !/^ *web_public *= *false/m.test(`${main}\n${tfvars}`),
  }
}
