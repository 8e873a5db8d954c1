/**
 * Compiles the services for their images: `node scripts/build.ts [--out dist]`. File by file and in the same
 * folders, so that whatever a file finds beside itself it finds there too. The images could run the .ts files as
 * they are, but then Node strips the types at every start, which took 0.2 s of the 0.8 s to load web's modules.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { type Options, transformFile } from '@swc/core'

/** What the images start. Only what these reach goes along: the stack for one computer and all tests stay behind. */
export const ENTRIES = [
  'services/web/main.ts',
  'services/batch/main.ts',
  'services/ops/migrate.ts',
  'services/ops/grant.ts',
  'services/ops/dead-letters.ts',
]
const ROOMS = ['shared', 'web', 'batch']

const OPTIONS: Options = {
  swcrc: false,
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript' },
    rewriteRelativeImportExtensions: true,
    // swc knows the option; its types do not yet.
  } as Options['jsc'],
  module: { type: 'es6' },
}

/** Beside the compiled files, so that Node reads `#shared/x.ts` as the compiled x.js. */
const IMPORTS = Object.fromEntries(
  ROOMS.flatMap((room) => [
    [`#${room}/*.ts`, `./services/${room}/*.js`],
    [`#${room}/*`, `./services/${room}/*`],
  ]),
)

/** Compiles everything that an image runs into `out`, which is emptied first. Gives the number of files. */
export async function build(root: string, out: string): Promise<number> {
  await rm(out, { recursive: true, force: true })
  const reached = new Set(ENTRIES)
  // A set that grows while it is walked is walked to its end.
  for (const file of reached) {
    const { code } = await transformFile(join(root, file), OPTIONS)
    await write(join(out, file.replace(/\.ts$/, '.js')), code)
    for (const next of importsOf(code, file)) reached.add(next)
  }
  await Promise.all(ROOMS.map((room) => carryAssets(root, out, room)))
  await cp(join(root, 'prisma/migrations'), join(out, 'prisma/migrations'), { recursive: true })
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const manifest = { name, version, type: 'module', imports: IMPORTS }
  await write(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return reached.size
}

/** The files of our own that compiled code imports, as paths from the root; those for one computer left out. */
function importsOf(code: string, file: string): string[] {
  const specifiers = [...code.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*['"]([.#][^'"]+)['"]/g)].map(
    ([, specifier]) => specifier as string,
  )
  const ofImages = specifiers.filter((specifier) => !specifier.startsWith('#local/'))
  return ofImages.map((specifier) =>
    specifier.startsWith('#')
      ? specifier.replace('#', 'services/')
      : join(dirname(file), specifier).replace(/\.js$/, '.ts'),
  )
}

/** Pages, pictures, fonts: whatever lies beside the code. */
async function carryAssets(root: string, out: string, room: string): Promise<void> {
  const entries = await readdir(join(root, 'services', room), { recursive: true, withFileTypes: true })
  const assets = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
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
  console.log(`${count} files compiled into ${values.out}`)
}
