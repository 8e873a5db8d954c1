import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ProviderSchema } from './schema.ts'

/** Why Terraform's own checks fail or were left out; empty when all passed. */
export type Verdict = { faults: string[]; skipped: string[] }

const run = promisify(execFile)
/** Enough for a slow download of the provider. */
const timeout = 120_000

/**
 * `terraform fmt`, `validate` and `test` in a copy of terraform/. With `real`, the provider comes from the registry;
 * without, the stand-in takes its place, which needs no network. What cannot run is skipped and says why.
 */
export async function runTerraform(root: string, schema: ProviderSchema, real: boolean): Promise<Verdict> {
  const version = await run('terraform', ['version', '-json'], { timeout }).catch(() => undefined)
  if (!version) return { faults: [], skipped: ['terraform is not on the PATH: no fmt, validate and test'] }

  const place = await mkdtemp(join(tmpdir(), 'cutroom-terraform-'))
  try {
    const cwd = join(place, 'terraform')
    await cp(join(root, 'terraform'), cwd, {
      recursive: true,
      filter: (path) => !path.includes('.terraform/'),
    })
    const env = {
      ...process.env,
      CHECKPOINT_DISABLE: '1',
      ...(real ? {} : await standIn(place, root, schema)),
    }
    const terraform = (...args: string[]) =>
      run('terraform', args, { cwd, env, timeout }).then(() => [], asFaults(args))

    const form = await terraform('fmt', '-check', '-recursive', '-diff', '-no-color')
    const init = await terraform('init', '-backend=false', '-input=false', '-no-color')
    if (init.length > 0 && real) return { faults: form, skipped: [`the provider cannot be had: ${init[0]}`] }
    const valid = init.length > 0 ? init : await terraform('validate', '-no-color')
    const { terraform_version } = JSON.parse(version.stdout)
    if (valid.length > 0) return { faults: [...form, ...valid], skipped: [] }
    // `override_during` came with 1.11; the module itself is content with 1.9.
    if (!atLeast(terraform_version, 1, 11)) {
      return {
        faults: form,
        skipped: [`terraform test wants 1.11 or later, and this is ${terraform_version}`],
      }
    }
    return { faults: [...form, ...(await terraform('test', '-no-color'))], skipped: [] }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

const atLeast = (version: string, major: number, minor: number): boolean => {
  const [a = 0, b = 0] = version.split('.').map(Number)
  return a > major || (a === major && b >= minor)
}

const asFaults = (args: string[]) => (error: Error & { stdout?: string; stderr?: string }) => [
  `terraform ${args[0]}: ${error.stdout ?? ''}${error.stderr ?? error.message}`,
]

/** Puts the stand-in where Terraform looks for providers, and gives the environment that says so. */
async function standIn(
  place: string,
  root: string,
  { version }: ProviderSchema,
): Promise<Record<string, string>> {
  const system = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`
  const folder = join(place, 'mirror/registry.terraform.io/hashicorp/google', version, system)
  const program = join(folder, `terraform-provider-google_v${version}`)
  await mkdir(folder, { recursive: true })
  await writeFile(
    program,
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'deploy/checks/stand-in-provider.ts')}"\n`,
  )
  await chmod(program, 0o755)
  const config = join(place, 'terraform.rc')
  await writeFile(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = "${join(place, 'mirror')}"\n  }\n}\n`,
  )
  return { TF_CLI_CONFIG_FILE: config, TF_DISABLE_PLUGIN_TLS: '1' }
}
