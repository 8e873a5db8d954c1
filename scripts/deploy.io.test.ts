import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { needsOf } from './deploy/needs.ts'

const ROOT = join(import.meta.dirname, '..')
/** A project without billing, with the quota of a new one, in an organisation that forbids public services. */
const GCLOUD = `#!/bin/sh
case "$*" in
  version*) echo '{"Google Cloud SDK": "528.0.0"}' ;;
  *print-access-token*) echo token ;;
  'projects describe clips '*) echo '{"lifecycleState": "ACTIVE"}' ;;
  'billing projects'*) echo '{"billingEnabled": false}' ;;
  'run regions'*) echo '[{"locationId": "europe-west1"}]' ;;
  *CpuAlloc*) echo '{"dimensionsInfos": [{"details": {"value": "20000"}, "applicableLocations": ["europe-west1"]}]}' ;;
  *requireInvokerIam*) echo '{"spec": {"rules": [{"enforce": true}]}}' ;;
  *) exit 1 ;;
esac
`

let bin: string
beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'cutroom-deploy-'))
  await program('gcloud', GCLOUD)
  await program('terraform', `#!/bin/sh\necho '{"terraform_version": "1.9.8"}'\n`)
})
afterAll(() => rm(bin, { recursive: true, force: true }))

async function program(name: string, text: string) {
  await writeFile(join(bin, name), text)
  await chmod(join(bin, name), 0o755)
}

const deploy = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(ROOT, 'scripts/deploy.ts'), ...args], {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stdout, stderr }) => ({ code, output: `${stdout}${stderr}` }),
  )

test('names all that is missing, and what could not be asked', async () => {
  const { code, output } = await deploy('--project=clips', '--region=europe-west1', '--environment=prod')
  expect(code).toBe(1)
  expect(output.split('\n').filter((line) => /^(MISSING|unknown)/.test(line))).toEqual([
    'MISSING  Terraform 1.9.8 is older than 1.11',
    'MISSING  no billing account',
    'MISSING  CpuAllocPerProjectRegion: 91 vCPUs needed, 20 allowed',
    'unknown  MemAllocPerProjectRegion: 326 GiB needed',
    'MISSING  the organisation forbids services that anyone may call',
    'unknown  organisation policy gcp.resourceLocations',
    'unknown  organisation policy compute.restrictVpcPeering',
    'unknown  organisation policy iam.disableServiceAccountCreation',
  ])
})

test('a project that does not exist ends the questions', async () => {
  const { code, output } = await deploy('--project=other', '--region=europe-west1')
  expect(code).toBe(1)
  expect(output).toContain('MISSING  project other does not exist, or is not yours')
})

test('without a project it shows how it is called', async () => {
  const { code, output } = await deploy('--region=europe-west1')
  expect(code).toBe(2)
  expect(output).toContain('Usage: npm run deploy')
})

test('dev fits into a new project', async () => {
  expect(await needsOf(ROOT, 'dev')).toEqual({ cpu: 4, memoryGib: 9, isPublic: true })
})
