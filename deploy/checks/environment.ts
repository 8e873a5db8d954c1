/** What a home sets and what config.ts reads must agree. Pure. */
import { ConfigError, loadConfig, loadDatabaseConfig, settings } from '#shared/config.ts'
import type { HclBlock } from './hcl.ts'
import type { TerraformFile } from './terraform-rules.ts'

export type Env = Record<string, string>

/** Read by Node itself, not by config.ts. */
const OF_NODE = new Set(['NODE_COMPILE_CACHE', 'NODE_ENV'])
const KNOWN = new Set(settings.map(({ name }) => name))

/**
 * Names that config.ts does not know, and what config.ts says is missing or wrong: for a service by all its rules,
 * for the migration by those of the database.
 */
export function environmentFaults(
  where: string,
  env: Env,
  load: (env: Env) => unknown = loadConfig,
): string[] {
  const strangers = Object.keys(env).filter((name) => !KNOWN.has(name) && !OF_NODE.has(name))
  return [
    ...strangers.map((name) => `${where}: config.ts does not know ${name}`),
    ...configFaults(env, load).map((fault) => `${where}: ${fault}`),
  ]
}

function configFaults(env: Env, load: (env: Env) => unknown): string[] {
  try {
    load(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.issues
    throw error
  }
}

/** The rules for whoever only needs the database. */
export const forMigration = (env: Env): unknown => loadDatabaseConfig(env)

/** `${NAME:-fallback}` as compose fills it in where nothing is set. */
export const interpolate = (text: string): string => text.replace(/\$\{\w+(?::-([^}]*))?\}/g, '$1')

/** The settings of each container that Terraform describes, by resource, with made-up values of the right kind. */
export function terraformEnvironments(files: TerraformFile[]): Record<string, Env> {
  const blocks = files.flatMap(({ body }) => body.blocks)
  const locals = blocks.filter(({ type }) => type === 'locals')
  const shared = locals.flatMap(({ body }) => namesIn(body.attributes.get('shared_env')?.code ?? ''))
  const runs = blocks.filter(({ labels }) => /^google_cloud_run_v2_(service|job)$/.test(labels[0] ?? ''))
  return Object.fromEntries(
    runs.map((block) => {
      const names = environmentNames(block, shared)
      return [block.labels.join('.'), Object.fromEntries(names.map((name) => [name, sample(name)]))]
    }),
  )
}

/** Names in `env` blocks and in what a dynamic one goes through. */
function environmentNames(block: HclBlock, shared: string[]): string[] {
  if (block.type === 'env') {
    const name = block.body.attributes.get('name')?.text.replaceAll('"', '')
    return name ? [name] : []
  }
  if (block.type === 'dynamic' && block.labels[0] === 'env') {
    const { code = '' } = block.body.attributes.get('for_each') ?? {}
    return [...(code.includes('local.shared_env') ? shared : []), ...namesIn(code)]
  }
  return block.body.blocks.flatMap((inner) => environmentNames(inner, shared))
}

const namesIn = (code: string): string[] =>
  [...code.matchAll(/(?<![\w.])([A-Z][A-Z0-9_]*)\s*=(?!=)/g)].map(([, name]) => name as string)

const SAMPLES: Env = {
  BATCH_URL: 'https://batch.example.com',
  CLOUD_SQL_INSTANCE: 'project:region:instance',
  JWT_SECRET: 'abcdefghijklmnopqrstuvwxyz0123456789',
  MAIL_FROM: 'cutroom@example.com',
  PUBLIC_URL: 'https://cutroom.example.com',
  PUSH_SERVICE_ACCOUNTS: 'push@example.com',
  SMTP_URL: 'smtps://mail.example.com',
}

function sample(name: string): string {
  const fallback = settings.find((setting) => setting.name === name)?.fallback
  return SAMPLES[name] ?? (fallback === undefined ? 'made-up' : String(fallback))
}
