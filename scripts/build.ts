/**
 * Compiles the services for their images: `node scripts/build.ts [--out dist]`. Each file keeps its folder, so that it finds its
 * assets beside it. The images could run TypeScript, but Node would then strip the types at every start: 0.2 s of the 0.8 s that
 * web's modules take to load.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, extname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { type Options, transformFile } from '@swc/core'

/** The programs of the images. Only what they import is compiled: local mode and tests are not. */
export const ENTRIES = [
  'services/web/main.ts',
  'services/batch/main.ts',
  'services/ops/migrate.ts',
  'services/ops/grant.ts',
  'services/ops/dead-letters.ts',
]
const MODULES = ['shared', 'web', 'batch']

// swc knows `rewriteRelativeImportExtensions`; its types do not yet.
const OPTIONS = {
  swcrc: false,
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript' },
    rewriteRelativeImportExtensions: true,
  },
  module: { type: 'es6' },
} as Options

/** For the compiled package.json: `#shared/x.ts` is the compiled x.js. */
const IMPORTS = Object.fromEntries(
  MODULES.flatMap((module) => [
    [`#${module}/*.ts`, `./services/${module}/*.js`],
    [`#${module}/*`, `./services/${module}/*`],
  ]),
)

/** Empties `out` and compiles into it everything that the images run. Returns the number of compiled files. */
export async function build(root: string, out: string): Promise<number> {
  await rm(out, { recursive: true, force: true })
  const sources = new Set(ENTRIES)
  // A Set that grows while it is iterated is iterated to its end.
  for (const source of sources) {
    const { code } = await transformFile(join(root, source), OPTIONS)
    await write(join(out, source.replace(/\.ts$/, '.js')), code)
    for (const imported of importsOf(code, source)) sources.add(imported)
  }
  await Promise.all(MODULES.map((module) => copyAssets(root, out, module)))
  await cp(join(root, 'docs'), join(out, 'docs'), { recursive: true, filter: isDocument })
  await cp(join(root, 'prisma/migrations'), join(out, 'prisma/migrations'), { recursive: true })
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const manifest = { name, version, type: 'module', imports: IMPORTS }
  await write(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return sources.size
}

/** The documents that web serves: folders, and text. */
const isDocument = (path: string) => !extname(path) || /\.(md|txt)$/.test(path)

/** Our own sources that compiled code imports, as paths from the root. Imports of local mode are left out. */
function importsOf(code: string, file: string): string[] {
  const specifiers = [...code.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*['"]([.#][^'"]+)['"]/g)].map(
    ([, specifier]) => specifier as string,
  )
  return specifiers
    .filter((specifier) => !specifier.startsWith('#local/'))
    .map((specifier) =>
      specifier.startsWith('#')
        ? specifier.replace('#', 'services/')
        : join(dirname(file), specifier).replace(/\.js$/, '.ts'),
    )
}

/** Sources of the web page, which scripts/build-page.mjs builds. */
const PAGE_SOURCES = 'services/web/page/app'

/** Copies pages, images and fonts: every file of a module that is not TypeScript. */
async function copyAssets(root: string, out: string, module: string): Promise<void> {
  const entries = await readdir(join(root, 'services', module), { recursive: true, withFileTypes: true })
  const assets = entries.filter(
    (entry) =>
      entry.isFile() &&
      !entry.name.endsWith('.ts') &&
      !relative(root, entry.parentPath).startsWith(PAGE_SOURCES),
  )
  for (const { parentPath, name } of assets) {
    const file = relative(root, join(parentPath, name))
    await cp(join(root, file), join(out, file))
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } })
  const root = join(import.meta.dirname, '..')
  const count = await build(root, join(root, values.out))
  console.log(`Compiled ${count} files into ${values.out}.`)
}
