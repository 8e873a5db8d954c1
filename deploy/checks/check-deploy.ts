/**
 * Checks everything that describes a home for the services (terraform/, docker-compose.yml, cloudbuild.yaml, deploy/)
 * without any of them: node deploy/checks/check-deploy.ts [--real]. With --real Terraform's own checks use the provider from
 * the registry, otherwise a stand-in that knows its schema. Ends with 1 when something is wrong; what could not be
 * checked is said aloud.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { documentFaults, gcloudFaults } from './documents.ts'
import { type Env, environmentFaults, forMigration, terraformEnvironments } from './environment.ts'
import { readHcl } from './hcl.ts'
import { runTerraform, type Verdict } from './run-terraform.ts'
import type { ProviderSchema } from './schema.ts'
import { type TerraformFile, terraformFaults, valueFaults } from './terraform-rules.ts'
import { yamlIsHere } from './yaml.ts'
import { buildFaults, composeFaults, kubernetesFaults, unreadableFaults } from './yaml-files.ts'

const root = join(import.meta.dirname, '../..')

/** All faults, and what was left out. */
export async function checkCloud(real = false): Promise<Verdict> {
  const schema = await readSchema()
  const verdicts = await Promise.all([checkFiles(), runTerraform(root, schema, real), gcloudFaults(root)])
  return {
    faults: verdicts.flatMap(({ faults }) => faults),
    skipped: verdicts.flatMap(({ skipped }) => skipped),
  }
}

/** What can be told from the files alone, in well under a second. */
export async function checkFiles(): Promise<Verdict> {
  const ofYaml = yamlIsHere ? [composeFaults, kubernetesFaults, buildFaults, unreadableFaults] : []
  const checks = [terraformFileFaults, imageFaults, documentFaults, ...ofYaml]
  const faults = await Promise.all(checks.map((check) => check(root)))
  const noYaml = 'the package yaml is no dependency: compose, Cloud Build and Kubernetes files were not read'
  return { faults: faults.flat(), skipped: yamlIsHere ? [] : [noYaml] }
}

const readSchema = async (): Promise<ProviderSchema> =>
  JSON.parse(await readFile(join(root, 'terraform/schema/google.json'), 'utf8'))

async function terraformFileFaults(): Promise<string[]> {
  const schema = await readSchema()
  const names = (await readdir(join(root, 'terraform'))).sort()
  const files: TerraformFile[] = await Promise.all(
    names.filter((name) => name.endsWith('.tf')).map(readTerraform),
  )
  const values = await Promise.all(
    names.filter((name) => name.endsWith('.tfvars.example')).map(readTerraform),
  )
  const environments = Object.entries(terraformEnvironments(files))
  return [
    ...terraformFaults(files, schema),
    ...values.flatMap(({ name, body }) => valueFaults(name, body, files)),
    ...environments.flatMap(([where, env]) =>
      where.startsWith('google_cloud_run_v2_job')
        ? environmentFaults(where, env, forMigration)
        : environmentFaults(where, { ...env, K_SERVICE: 'here' }),
    ),
  ]
}

async function readTerraform(name: string): Promise<TerraformFile> {
  return { name, body: readHcl(await readFile(join(root, 'terraform', name), 'utf8'), name) }
}

/** What the images set by themselves. */
async function imageFaults(): Promise<string[]> {
  const homes: Env = {
    DATABASE_URL: 'postgresql://here',
    JWT_SECRET: 'abcdefghijklmnopqrstuvwxyz0123456789',
    PUSH_SECRET: 'x',
  }
  const faults = ['Dockerfile.web', 'Dockerfile.batch'].map(async (file) => {
    const text = await readFile(join(root, file), 'utf8')
    const [, settings = ''] = /^ENV ((?:.*\\\n)*.*)/m.exec(text) ?? []
    const env = Object.fromEntries(
      [...settings.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    )
    return environmentFaults(file, { ...homes, ...env })
  })
  return (await Promise.all(faults)).flat()
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { real: { type: 'boolean', default: false } } })
  const { faults, skipped } = await checkCloud(values.real)
  for (const what of skipped) console.warn(`SKIPPED  ${what}`)
  for (const fault of faults) console.error(`WRONG    ${fault}`)
  console.log(faults.length === 0 ? 'cloud files: nothing wrong' : `cloud files: ${faults.length} faults`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
