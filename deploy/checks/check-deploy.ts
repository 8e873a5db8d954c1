/**
 * Checks everything that describes a deployment (terraform/, docker-compose.yml, cloudbuild.yaml, Dockerfiles, deploy/) without
 * deploying: `node deploy/checks/check-deploy.ts [--full]`. `--full` adds the real tools where they are installed: Terraform
 * with its provider, gcloud's linter. Exits with 1 when something is wrong; what was skipped is printed.
 */
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { documentIssues } from './documents.ts'
import { batchIssues, databaseOnly, environmentIssues, REQUIRED } from './environment.ts'
import { lintGcloudCommands } from './gcloud.ts'
import { pinIssues } from './images.ts'
import { programIssues } from './programs.ts'
import { LOCK_FILE, terraformFormat, terraformValidate } from './run-terraform.ts'
import {
  declarationIssues,
  lockIssues,
  moduleValues,
  outputIssues,
  type TerraformFile,
  terraformEnvironments,
  valueIssues,
} from './terraform-files.ts'
import { merge, type Verdict } from './verdict.ts'
import { buildIssues, composeIssues, kubernetesIssues, syntaxIssues } from './yaml-files.ts'

const ROOT = join(import.meta.dirname, '../..')
const LEFT_OUT: Verdict = {
  issues: [],
  skipped: ['terraform validate and test, gcloud commands: add --full to run them, as npm test does'],
}

/** All checks. Without `full`, those that take less than a second together. */
export async function checkDeployment(full: boolean): Promise<Verdict> {
  const quick: Promise<Verdict>[] = [checkFiles(), terraformFormat(ROOT)]
  const slow = full ? [terraformValidate(ROOT), lintGcloudCommands(ROOT)] : [Promise.resolve(LEFT_OUT)]
  return merge(await Promise.all([...quick, ...slow]))
}

/** The checks that read files alone. */
export async function checkFiles(): Promise<Verdict> {
  const checks = [
    terraformIssues,
    imageIssues,
    pinIssues,
    documentIssues,
    programIssues,
    composeIssues,
    kubernetesIssues,
    buildIssues,
    syntaxIssues,
  ]
  const issues = await Promise.all(checks.map((check) => check(ROOT)))
  return { issues: issues.flat(), skipped: [] }
}

async function terraformIssues(root: string): Promise<string[]> {
  const files = await readTerraform(root, '*.tf')
  const environments = await readTerraform(root, 'environments/*/*.tf')
  const module = files.find(({ name }) => name === 'outputs.tf') ?? { name: 'outputs.tf', text: '' }
  const locks = await readTerraform(root, `environments/*/${LOCK_FILE}`)
  const versions = files.find(({ name }) => name === 'versions.tf') ?? { name: 'versions.tf', text: '' }
  const named = (file: string) => environments.filter(({ name }) => name.endsWith(file))
  return [
    ...[...files, ...environments].flatMap(declarationIssues),
    ...named('/main.tf').flatMap((file) => valueIssues(moduleValues(file), files)),
    ...named('/outputs.tf').flatMap((file) => outputIssues(file, module)),
    ...lockIssues(locks, versions),
    ...Object.entries(terraformEnvironments(files)).flatMap(([where, env]) => {
      if (where === 'google_cloud_run_v2_job.migrate') return environmentIssues(where, env, databaseOnly)
      if (where === 'google_cloud_run_v2_job.long_jobs')
        return batchIssues(where, { ...env, WORKER_MODE: 'job' })
      if (where.startsWith('google_cloud_run_v2_worker_pool')) {
        return batchIssues(where, { ...env, WORKER_MODE: 'pull' })
      }
      const issuesOf = where.endsWith('.web') ? environmentIssues : batchIssues
      return issuesOf(where, { ...env, K_SERVICE: 'cutroom' })
    }),
  ]
}

const readTerraform = (root: string, pattern: string): Promise<TerraformFile[]> =>
  Promise.all(
    globSync(join('terraform', pattern), { cwd: root })
      .sort()
      .map(async (path) => ({
        name: relative('terraform', path),
        text: await readFile(join(root, path), 'utf8'),
      })),
  )

/** Settings that the images themselves set. */
async function imageIssues(root: string): Promise<string[]> {
  const issues = ['Dockerfile.web', 'Dockerfile.batch'].map(async (file) => {
    const text = await readFile(join(root, file), 'utf8')
    const [, settings = ''] = /^ENV ((?:.*\\\n)*.*)/m.exec(text) ?? []
    const env = Object.fromEntries(
      [...settings.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    )
    return environmentIssues(file, { ...REQUIRED, ...env })
  })
  return [...(await Promise.all(issues)).flat(), ...(await stageIssues(root))]
}

/** The images share all stages but the last: what is built for one is in the cache for the other. */
async function stageIssues(root: string): Promise<string[]> {
  const [web, batch] = await Promise.all(
    ['Dockerfile.web', 'Dockerfile.batch'].map(async (file) => {
      const text = await readFile(join(root, file), 'utf8')
      return text.slice(text.indexOf('\nFROM '), text.lastIndexOf('\nFROM '))
    }),
  )
  return web === batch ? [] : ['Dockerfile.web and Dockerfile.batch differ before their last stage']
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { full: { type: 'boolean', default: false } } })
  const { issues, skipped } = await checkDeployment(values.full)
  for (const reason of skipped) console.warn(`SKIPPED ${reason}`)
  for (const issue of issues) console.error(`FAILED  ${issue}`)
  console.log(issues.length === 0 ? 'deployment files: ok' : `deployment files: ${issues.length} issues`)
  process.exitCode = issues.length === 0 ? 0 : 1
}
