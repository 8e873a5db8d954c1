// Shrinks node_modules while an image is built, after `npm ci --omit=dev`, from 450 MB to 95 MB. npm also installs the Prisma CLI,
// an optional peer of @prisma/client, with its dependencies; and the client contains a query compiler for each of five databases.
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = process.cwd()
const keep = new Set()
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
for (const name of Object.keys(own.dependencies)) follow(name, root)

const installed = globSync('**/node_modules/{[!.@]*,@*/*}/package.json', { cwd: root })
for (const file of installed) {
  const folder = dirname(join(root, file))
  if (!keep.has(folder) && existsSync(folder)) rmSync(folder, { recursive: true })
}
const unused = [
  'node_modules/**/*.{map,d.ts,d.mts,d.cts}',
  'node_modules/@prisma/client/runtime/*.{cockroachdb,mysql,sqlite,sqlserver}.*',
]
for (const file of unused.flatMap((pattern) => globSync(pattern, { cwd: root }))) {
  rmSync(join(root, file), { recursive: true, force: true })
}
console.log(`kept ${keep.size} packages`)

/** Keeps a package, as resolved from a folder, and its dependencies. Optional peers are left out. */
function follow(name, from) {
  const folder = find(name, from)
  if (!folder || keep.has(folder)) return
  keep.add(folder)
  const {
    dependencies,
    optionalDependencies,
    peerDependencies,
    peerDependenciesMeta = {},
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const peers = Object.keys(peerDependencies ?? {}).filter((peer) => !peerDependenciesMeta[peer]?.optional)
  for (const next of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers])
    follow(next, folder)
}

/** The folder from which Node resolves a package. */
function find(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (folder === root || folder === dirname(folder)) return undefined
  }
}
