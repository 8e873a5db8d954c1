import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const RELEASE = join(import.meta.dirname, '../release')

/** Answers what the scripts ask, and records every command. `errors` is what the canary finds in the logs. */
const GCLOUD = `#!/bin/bash
echo "gcloud $*" >> commands
case "$*" in
  *"services describe"*)
    service=\${4#cutroom-}
    echo '{"status": {"url": "https://'$service'.example", "traffic": [
      {"revisionName": "'$service'-old", "percent": 100},
      {"revisionName": "'$service'-new", "tag": "candidate", "url": "https://candidate---'$service'.example"}]}}' ;;
  *"jobs describe"*) if [ -e job ]; then cat job; else exit 1; fi ;;
  *"worker-pools describe"*) if [ -e pool ]; then cat pool; else exit 1; fi ;;
  *"logging read"*) if [ -e unreadable ]; then exit 1; fi; cat errors 2> /dev/null || true ;;
  *"images scan"*) echo scans/1 ;;
  *"list-vulnerabilities"*) cat vulnerabilities ;;
  *"print-access-token"*) echo access ;;
  *"update-traffic cutroom-web"*"--to-latest"*) if [ -e refuse ]; then exit 1; fi ;;
esac
`
const CURL = `#!/bin/bash
echo "curl $*" >> commands
case "$*" in
  *generateIdToken*) echo '{"token": "identity"}' ;;
  *write-out*) cat status 2> /dev/null || printf 401 ;;
  */health/ready*) if [ -e broken ]; then exit 22; fi ;;
esac
`
const NO_SLEEP = '#!/bin/bash\n'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-release-'))
  await mkdir(join(dir, 'bin'))
  for (const [name, text] of Object.entries({ gcloud: GCLOUD, curl: CURL, sleep: NO_SLEEP })) {
    await writeFile(join(dir, 'bin', name), text)
    await chmod(join(dir, 'bin', name), 0o755)
  }
  for (const service of ['web', 'batch']) await write(`${service}.digest`, `repo/${service}@sha256:new`)
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const write = (name: string, text: string) => writeFile(join(dir, name), text)

/** Runs a script; returns its exit code and output. */
async function release(script: string, env: Record<string, string> = {}) {
  const options = {
    cwd: dir,
    env: {
      PATH: `${join(dir, 'bin')}:${process.env.PATH}`,
      ...{ NAME: 'cutroom', PROJECT: 'clips', REGION: 'europe-west1' },
      ...{ CANARY_PERCENT: '10', CANARY_SECONDS: '300', CANARY_ERRORS: '2' },
      ...env,
    },
  }
  return promisify(execFile)('bash', [join(RELEASE, script)], options).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stdout, stderr }) => ({ code, output: `${stdout}${stderr}` }),
  )
}

const commands = async (pattern: RegExp) =>
  (await readFile(join(dir, 'commands'), 'utf8')).split('\n').filter((line) => pattern.test(line))

const moves = async () =>
  (await commands(/update-traffic|(worker-pools|jobs) update/)).map((line) =>
    line.replace(/ --(project|region)=\S+/g, ''),
  )

const ROLL_BACK = [
  'gcloud run services update-traffic cutroom-batch --to-revisions=batch-old=100 --quiet',
  'gcloud run services update-traffic cutroom-sweep --to-revisions=sweep-old=100 --quiet',
  'gcloud run services update-traffic cutroom-web --to-revisions=web-old=100 --quiet',
]
const CANARY = [
  'gcloud run services update-traffic cutroom-batch --to-tags=candidate=10 --quiet',
  'gcloud run services update-traffic cutroom-web --to-tags=candidate=10 --quiet',
]
const ALL = ['batch', 'sweep', 'web'].map(
  (service) => `gcloud run services update-traffic cutroom-${service} --to-latest --quiet`,
)

describe('roll-back-line.sh', () => {
  test('prints how to restore all that serves now, and changes nothing', async () => {
    const { code, output } = await release('roll-back-line.sh')
    expect(code).toBe(0)
    const command = ROLL_BACK.map((line) =>
      line.replace(/(cutroom-\w+)/, '$1 --project=clips --region=europe-west1'),
    )
    expect(output).toBe(`Roll back: ${command.join(' && ')}\n`)
    expect(await moves()).toEqual([])
  })

  test('restores the image of the worker pool too', async () => {
    await write(
      'pool',
      '{"spec": {"template": {"spec": {"containers": [{"image": "repo/batch@sha256:old"}]}}}}',
    )
    expect((await release('roll-back-line.sh')).output).toContain(
      'worker-pools update cutroom-worker --project=clips --region=europe-west1 --image=repo/batch@sha256:old',
    )
  })
})

test('the job for long jobs gets the new image with the traffic, and a roll back its old one', async () => {
  await write(
    'job',
    '{"spec": {"template": {"spec": {"template": {"spec": {"containers": [{"image": "repo/batch@sha256:old"}]}}}}}}',
  )
  expect((await release('roll-back-line.sh')).output).toContain(
    'jobs update cutroom-long-jobs --project=clips --region=europe-west1 --image=repo/batch@sha256:old',
  )
  expect((await release('traffic.sh')).code).toBe(0)
  expect((await moves()).at(-1)).toBe(
    'gcloud run jobs update cutroom-long-jobs --image=repo/batch@sha256:new --quiet',
  )
})

describe('traffic.sh', () => {
  beforeEach(() => release('roll-back-line.sh'))

  test('moves a share of the traffic, then all of it', async () => {
    await write('errors', 'a\nb\n')
    const { code, output } = await release('traffic.sh')
    expect(output).toContain('web-new and batch-new logged 2 errors with 10 % of the traffic for 300 s')
    expect(output).toMatch(/^Roll back: gcloud .*web-old=100 --quiet$/m)
    expect(code).toBe(0)
    expect(await moves()).toEqual([...CANARY, ...ALL])
  })

  test('rolls back when the new revisions log more errors than they may', async () => {
    await write('errors', 'a\nb\nc\n')
    const { code, output } = await release('traffic.sh')
    expect(output).toContain('more than 2 errors: rolling back')
    expect(code).toBe(1)
    expect(await moves()).toEqual([...CANARY, ...ROLL_BACK])
  })

  test('rolls back when the log cannot be read', async () => {
    await write('unreadable', '')
    const { code, output } = await release('traffic.sh')
    expect(output).toContain('the log could not be read: rolling back')
    expect(code).toBe(1)
    expect(await moves()).toEqual([...CANARY, ...ROLL_BACK])
  })

  test('rolls back when the traffic of one service cannot be moved', async () => {
    await write('refuse', '')
    const { code, output } = await release('traffic.sh')
    expect(output).toContain('the traffic was not moved: rolling back')
    expect(code).toBe(1)
    expect(await moves()).toEqual([...CANARY, ...ALL, ...ROLL_BACK])
  })

  test('moves all traffic at once without a canary', async () => {
    expect((await release('traffic.sh', { CANARY_SECONDS: '0' })).code).toBe(0)
    expect(await moves()).toEqual(ALL)
  })

  test('brings the image to the worker pool, where there is one', async () => {
    await write(
      'pool',
      '{"spec": {"template": {"spec": {"containers": [{"image": "repo/batch@sha256:old"}]}}}}',
    )
    expect((await release('traffic.sh', { CANARY_SECONDS: '0' })).code).toBe(0)
    expect(await moves()).toEqual([
      ...ALL,
      'gcloud beta run worker-pools update cutroom-worker --image=repo/batch@sha256:new --quiet',
    ])
  })
})

describe('smoke.sh', () => {
  test('asks the new revision, without an identity where web is public', async () => {
    expect((await release('smoke.sh', { PUBLIC: 'true' })).code).toBe(0)
    const asked = await commands(/^curl/)
    expect(asked).toHaveLength(4)
    expect(asked.every((line) => line.includes('https://candidate---web.example/'))).toBe(true)
    expect(asked.join()).not.toContain('X-Serverless-Authorization')
  })

  test('signs in as the identity of the build where web is private', async () => {
    expect((await release('smoke.sh', { PUBLIC: 'false' })).code).toBe(0)
    const [token, ...asked] = await commands(/^curl/)
    expect(token).toContain('cutroom-build@clips.iam.gserviceaccount.com:generateIdToken')
    expect(token).toContain('"audience": "https://web.example"')
    expect(asked.every((line) => line.includes('X-Serverless-Authorization: Bearer identity'))).toBe(true)
  })

  test('fails when the revision is not ready, or does not ask for a token', async () => {
    await write('status', '200')
    const open = await release('smoke.sh', { PUBLIC: 'true' })
    expect(open).toEqual({ code: 1, output: expect.stringContaining('without a token answered 200') })
    await write('broken', '')
    expect((await release('smoke.sh', { PUBLIC: 'true' })).code).not.toBe(0)
  })
})

describe('scan.sh', () => {
  const found = (effectiveSeverity: string, fixAvailable: boolean) => ({
    vulnerability: {
      effectiveSeverity,
      fixAvailable,
      shortDescription: 'CVE-2026-1',
      packageIssue: [{ affectedPackage: 'libavcodec61' }],
    },
  })

  test('refuses a vulnerability of this severity that has a fix', async () => {
    await write('vulnerabilities', JSON.stringify([found('CRITICAL', true)]))
    const { code, output } = await release('scan.sh', { SEVERITY: 'CRITICAL' })
    expect(output).toContain('CVE-2026-1 in libavcodec61')
    expect(code).toBe(1)
  })

  test('accepts others, and scans both images', async () => {
    await write('vulnerabilities', JSON.stringify([found('CRITICAL', false), found('HIGH', true)]))
    const { code, output } = await release('scan.sh', { SEVERITY: 'CRITICAL' })
    expect(output).toContain('batch: 2 known vulnerabilities, 0 of severity CRITICAL with a fix')
    expect(code).toBe(0)
    expect(await commands(/images scan/)).toHaveLength(2)
  })

  test('can be switched off', async () => {
    expect(await release('scan.sh', { SEVERITY: 'none' })).toEqual({
      code: 0,
      output: 'The images were not scanned.\n',
    })
  })
})

test('a bill of materials names the Debian packages of an image', async () => {
  const packages = join(dir, 'packages')
  await writeFile(packages, 'libc6\t2.41-12\tamd64\nzlib1g\t1:1.3.1-1\tamd64\n')
  const script = `"${process.execPath}" "${join(RELEASE, 'image-sbom.mjs')}" web < "${packages}"`
  const { stdout } = await promisify(execFile)('sh', ['-c', script])
  const bill = JSON.parse(stdout)
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'web' } } })
  expect(bill.components.map(({ purl }: { purl: string }) => purl)).toEqual([
    'pkg:deb/debian/libc6@2.41-12?arch=amd64',
    'pkg:deb/debian/zlib1g@1%3A1.3.1-1?arch=amd64',
  ])
})
