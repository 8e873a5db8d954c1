/**
 * `npm run deploy -- --project ID --region NAME [--environment dev]`: a dry run of a deployment to Google Cloud. Asks gcloud for
 * what docs/deploy.md presupposes, and names what is missing and how to get it. Creates and changes nothing; exits with 1 when
 * something is missing.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { needsOf } from './deploy/needs.ts'
import {
  billing,
  CONSTRAINTS,
  type Finding,
  program,
  project,
  quota,
  quotaIn,
  region,
  report,
  unknown,
} from './deploy/prerequisites.ts'

const ROOT = join(import.meta.dirname, '..')
const USAGE = 'npm run deploy -- --project ID --region NAME [--environment dev|prod]'
const QUOTAS = [
  { id: 'CpuAllocPerProjectRegion', unit: 'vCPUs', scale: 1000, need: 'cpu' },
  { id: 'MemAllocPerProjectRegion', unit: 'GiB', scale: 1024 ** 3, need: 'memoryGib' },
] as const

const { values } = parseArgs({
  options: {
    project: { type: 'string', default: process.env.PROJECT ?? '' },
    region: { type: 'string', default: process.env.REGION ?? '' },
    environment: { type: 'string', default: 'dev' },
  },
})
if (!values.project || !values.region) {
  console.error(`Usage: ${USAGE}`)
  process.exit(2)
}
const { lines, code } = report(await checkAll(values.project, values.region))
console.log(lines.join('\n'))
console.log(
  code === 0
    ? '\nNothing is missing: docs/deploy.md, step 2.'
    : '\nSomething is missing. Nothing was created or changed.',
)
process.exitCode = code

async function checkAll(id: string, where: string): Promise<Finding[]> {
  const programs = await Promise.all([gcloudVersion(), terraformVersion()])
  const findings = [
    program('gcloud', programs[0], '500', 'https://cloud.google.com/sdk/docs/install'),
    program('Terraform', programs[1], '1.11', 'https://developer.hashicorp.com/terraform/install'),
  ]
  if (programs[0] === undefined) return findings
  findings.push(await checkLogin())
  const described = await ask<{ lifecycleState?: string }>('projects', 'describe', id)
  findings.push(project(id, described))
  if (!described) return findings
  return [...findings, ...(await checkProject(id, where))]
}

async function checkLogin(): Promise<Finding> {
  const token = await run('gcloud', ['auth', 'application-default', 'print-access-token'])
  if (token) return { state: 'ok', what: 'credentials for Terraform' }
  return {
    state: 'missing',
    what: 'Terraform has no credentials',
    remedy: 'gcloud auth login; gcloud auth application-default login',
  }
}

async function checkProject(id: string, where: string): Promise<Finding[]> {
  const needs = await needsOf(ROOT, values.environment)
  const on = `--project=${id}`
  const orUnknown = async <Answer>(
    api: string,
    what: string,
    judge: (answer: Answer) => Finding,
    words: string[],
  ) => {
    const answer = await ask<Answer>(...words)
    return answer
      ? judge(answer)
      : unknown(what, `not answered; if its API is not enabled: gcloud services enable ${api}`)
  }
  return Promise.all([
    orUnknown<Parameters<typeof billing>[1]>(
      'cloudbilling.googleapis.com',
      'billing',
      (answer) => billing(id, answer),
      [...['billing', 'projects', 'describe', id]],
    ),
    orUnknown<Parameters<typeof region>[1]>(
      'run.googleapis.com',
      `region ${where}`,
      (answer) => region(where, answer),
      [...['run', 'regions', 'list', on]],
    ),
    ...QUOTAS.map(({ id: name, unit, scale, need }) =>
      orUnknown<Parameters<typeof quotaIn>[1]>(
        'cloudquotas.googleapis.com',
        `${name}: ${needs[need]} ${unit} needed`,
        (answer) => {
          const value = quotaIn(where, answer)
          return quota(
            name,
            needs[need],
            value === undefined || value < 0 ? value : Math.floor(value / scale),
            unit,
          )
        },
        ['beta', 'quotas', 'info', 'describe', name, '--service=run.googleapis.com', on],
      ),
    ),
    ...Object.entries(CONSTRAINTS).map(([constraint, judge]) =>
      orUnknown<Parameters<typeof judge>[0]>(
        'orgpolicy.googleapis.com',
        `organisation policy ${constraint}`,
        (answer) => judge(answer, needs, where),
        ['org-policies', 'describe', constraint, '--effective', on],
      ),
    ),
  ])
}

/** What gcloud answers, as JSON; undefined when it refuses. */
async function ask<Answer>(...words: string[]): Promise<Answer | undefined> {
  const output = await run('gcloud', [...words, '--format=json', '--quiet'])
  return output === undefined ? undefined : JSON.parse(output)
}

async function gcloudVersion(): Promise<string | undefined> {
  return (await ask<Record<string, string>>('version'))?.['Google Cloud SDK']
}

async function terraformVersion(): Promise<string | undefined> {
  const output = await run('terraform', ['version', '-json'])
  return output === undefined ? undefined : JSON.parse(output).terraform_version
}

/** What a program prints; undefined when it fails or does not exist. */
async function run(name: string, args: string[]): Promise<string | undefined> {
  return promisify(execFile)(name, args, { maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => stdout,
    () => undefined,
  )
}
