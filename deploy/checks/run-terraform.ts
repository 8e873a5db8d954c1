/** Terraform's own checks, in a copy of terraform/ so that nothing is left behind in it. */
import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { Verdict } from './verdict.ts'

const run = promisify(execFile)
/** Enough to download the provider (about 100 MB) on a slow connection. */
const TIMEOUT_MS = 300_000
/** Write-only arguments, and `override_during` in the plan tests, came with 1.11. */
const LEAST_VERSION = [1, 11] as const
export const LOCK_FILE = '.terraform.lock.hcl'
/** Fails when a provider is not what the lock file says. */
const INIT = ['init', '-backend=false', '-input=false', '-lockfile=readonly']
const NO_REGISTRY = /could not connect to registry|Failed to (query available|install) provider/

/** `terraform fmt -check`, which needs no provider: a fraction of a second. */
export async function terraformFormat(root: string): Promise<Verdict> {
  if (!(await terraformVersion())) return skip('terraform fmt: terraform is not on the PATH')
  const issues = await terraform(join(root, 'terraform'), ['fmt', '-check', '-recursive', '-diff'])
  return { issues, skipped: [] }
}

/**
 * `terraform validate` and `terraform test` with the real provider, which is downloaded once and kept in node_modules/.cache.
 * Skipped where there is no Terraform or no way to its registry.
 */
export async function terraformValidate(root: string): Promise<Verdict> {
  const version = await terraformVersion()
  if (!version) return skip('terraform validate and test: terraform is not on the PATH')
  if (!isAtLeast(version, LEAST_VERSION)) {
    return skip(`terraform validate and test: needs Terraform ${LEAST_VERSION.join('.')}, found ${version}`)
  }
  const copy = await mkdtemp(join(tmpdir(), 'cutroom-terraform-'))
  const cache = join(root, 'node_modules/.cache/terraform')
  try {
    await mkdir(cache, { recursive: true })
    await cp(join(root, 'terraform'), copy, {
      recursive: true,
      filter: (path) => basename(path) !== '.terraform',
    })
    // A module has no checksums of its own: it is tested with the providers of its environments.
    const [environment = ''] = await readdir(join(copy, 'environments'))
    await copyFile(join(copy, 'environments', environment, LOCK_FILE), join(copy, LOCK_FILE))
    const run = (...args: string[]) => terraform(copy, args, { TF_PLUGIN_CACHE_DIR: cache })
    const init = await run(...INIT)
    if (NO_REGISTRY.test(init[0] ?? '')) {
      return skip(
        'terraform validate and test: the provider could not be downloaded from registry.terraform.io',
      )
    }
    const invalid =
      init.length > 0 ? init : [...(await run('validate')), ...(await validateEnvironments(copy, cache))]
    if (invalid.length > 0) return { issues: invalid, skipped: [] }
    return { issues: await run('test'), skipped: [] }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

/** The folders that call the module, with the providers whose checksums they have. */
async function validateEnvironments(module: string, cache: string): Promise<string[]> {
  const issues: string[] = []
  for (const name of await readdir(join(module, 'environments'))) {
    const cwd = join(module, 'environments', name)
    const run = (...args: string[]) => terraform(cwd, args, { TF_PLUGIN_CACHE_DIR: cache })
    const found = [...(await run(...INIT)), ...(await run('validate'))]
    issues.push(...found.map((issue) => `environments/${name}: ${issue}`))
  }
  return issues
}

async function terraformVersion(): Promise<string | undefined> {
  const found = await run('terraform', ['version', '-json'], { env: environment() }).catch(() => undefined)
  return found && JSON.parse(found.stdout).terraform_version
}

/** Runs a command in `cwd`; returns its output as one issue when it fails. */
async function terraform(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const options = { cwd, env: { ...env, ...environment() }, timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 }
  return run('terraform', [...args, '-no-color'], options).then(
    () => [],
    (error: Error & { stdout?: string; stderr?: string }) => [
      `terraform ${args[0]}: ${error.stdout ?? ''}${error.stderr ?? error.message}`,
    ],
  )
}

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, CHECKPOINT_DISABLE: '1' })

const skip = (reason: string): Verdict => ({ issues: [], skipped: [reason] })

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
