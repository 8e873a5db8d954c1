/**
 * Builds the package of clients/typescript into its dist/: `npm run build:client`; then `npm pack` in that folder. The few packages
 * that it uses become part of it, with their licenses, so that it has no dependencies of its own.
 */
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Rollup } from 'vite'
import { runTool } from './checks/run-tool.ts'

const ROOT = join(import.meta.dirname, '..')
const PACKAGE = join(ROOT, 'clients/typescript')
const ENTRIES = { index: 'src/index.ts', core: 'src/core.ts', cli: 'src/cli/main.ts' }

/** Empties dist/ and builds everything that the package contains. @throws Error with the compiler's output. */
export async function buildClient(): Promise<void> {
  const dist = join(PACKAGE, 'dist')
  await rm(dist, { recursive: true, force: true })
  const { output } = (await build(CONFIG)) as Rollup.RollupOutput
  const issues = await runTool(ROOT, 'node_modules/typescript-7/bin/tsc', '-p', 'clients/typescript')
  if (issues) throw new Error(`Could not write the types of the client:\n${issues}`)
  await copyFile(join(ROOT, 'LICENSE'), join(dist, 'LICENSE'))
  await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), await licensesOf(bundledPackages(output)))
}

const CONFIG = {
  configFile: false,
  root: PACKAGE,
  logLevel: 'warn',
  publicDir: false,
  // Leaves imports of Node's modules as they are.
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: 'es2022',
    minify: false,
    rollupOptions: {
      // Hints for other bundlers, in comments of zod.
      onwarn: ((warning, warn) => {
        if (warning.code !== 'INVALID_ANNOTATION') warn(warning)
      }) satisfies Rollup.WarningHandlerWithDefault,
      output: {
        chunkFileNames: 'shared-[name].js',
        banner: ({ name }: { name: string }) => (name === 'cli' ? '#!/usr/bin/env node' : ''),
      },
      input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(PACKAGE, file)])),
    },
  },
} as const

/** Folders of the packages whose code is in the output. */
function bundledPackages(output: Rollup.RollupOutput['output']): string[] {
  const modules = output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []))
  const folders = modules.flatMap((id) => /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? [])
  return [...new Set(folders)].sort()
}

async function licensesOf(folders: string[]): Promise<string> {
  const texts = folders.map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file ? await readFile(join(folder, file), 'utf8') : ''
    return `${name} ${version} (${license})\n\n${text.trim()}\n`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}

if (import.meta.main) await buildClient()
