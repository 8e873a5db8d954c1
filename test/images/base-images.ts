import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Engine, succeed } from './engine.ts'

const ROOT = join(import.meta.dirname, '../..')
/** As the official slim images: Debian without documentation and translations. */
const SLIM = ['doc', 'groff', 'info', 'locale', 'man'].map(
  (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
)

/** `local`: the image in the engine's storage that a Dockerfile's `name` stands for, where it is not that image itself. */
export type BaseImage = { name: string; origin: 'pulled' | 'stand-in' | 'kept'; local?: string }

/** The images that a Dockerfile is built from, without its own stages. */
export function baseImages(dockerfile: string): string[] {
  const stages = new Set([...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name))
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => image)
  return [...new Set(images)].filter((image) => !stages.has(image))
}

/** The suite of a Debian image's tag: `node:24.21.0-trixie-slim@sha256:…` and `debian:13-slim` are both trixie. */
export function suiteOf(image: string): string {
  if (/[:-](13|trixie)\b/.test(image)) return 'trixie'
  if (/[:-](12|bookworm)\b/.test(image)) return 'bookworm'
  throw new Error(`There is no stand-in for ${image}.`)
}

/**
 * Brings a base image into the engine's storage: from a registry, or, where none is reachable, a stand-in from the same
 * packages, with this machine's network settings.
 */
export async function provideBase(engine: Engine, image: string, dir: string): Promise<BaseImage> {
  const name = `docker.io/library/${image}`
  if (await engine.has(name)) return { name: image, origin: 'kept' }
  const local = standInFor(image)
  if (await engine.has(local)) return { name: image, origin: 'kept', local }
  try {
    await engine.pull(name)
    return { name: image, origin: 'pulled' }
  } catch {
    await buildStandIn(engine, image, local, dir)
    return { name: image, origin: 'stand-in', local }
  }
}

/** What a stand-in is called: it cannot have the digest that the image's name ends with. */
export const standInFor = (image: string): string => `localhost/stand-in/${image.replace(/@.*$/, '')}`

async function buildStandIn(engine: Engine, image: string, local: string, dir: string): Promise<void> {
  const suite = suiteOf(image)
  const tar = join(dir, `${suite}.tar`)
  if (!existsSync(tar)) {
    await succeed('mmdebstrap', ['--quiet', '--variant=minbase', '--mode=root', ...SLIM, suite, tar])
  }
  const container = await engine.buildah('from', 'scratch')
  try {
    await engine.buildah('add', container, tar, '/')
    // Before a package is installed, apt asks whoever builds the image how to set it up.
    await engine.buildah('config', '--env=DEBIAN_FRONTEND=noninteractive', container)
    if (image.startsWith('node:')) await engine.buildah('add', container, await nodeFiles(dir), '/')
    await engine.buildah('commit', '--quiet', '--format=docker', container, local)
  } finally {
    await engine.buildah('rm', container)
  }
}

/** What the official image of Node adds: node and npm below /usr/local. With this machine's network settings of npm. */
async function nodeFiles(dir: string): Promise<string> {
  const files = join(dir, 'node')
  const local = join(files, 'usr/local')
  await mkdir(join(local, 'bin'), { recursive: true })
  await mkdir(join(local, 'etc'), { recursive: true })
  await copyFile(process.execPath, join(local, 'bin/node'))
  const npm = (await succeed('npm', ['root', '--global'])).trim()
  await cp(join(npm, 'npm'), join(local, 'lib/node_modules/npm'), { recursive: true })
  for (const [name, file] of [
    ['npm', 'npm-cli.js'],
    ['npx', 'npx-cli.js'],
  ]) {
    const script = `#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/${file} "$@"\n`
    await writeFile(join(local, 'bin', name as string), script, { mode: 0o755 })
  }
  const authorities = await succeed('npm', ['config', 'get', 'cafile'])
  const settings = [`registry=${await succeed('npm', ['config', 'get', 'registry'])}`]
  if (existsSync(authorities)) {
    await mkdir(join(files, dirname(authorities)), { recursive: true })
    await copyFile(authorities, join(files, authorities))
    settings.push(`cafile=${authorities}`)
  }
  await writeFile(join(local, 'etc/npmrc'), `${settings.join('\n')}\n`)
  return files
}

/** The base images of both Dockerfiles. */
export async function allBaseImages(): Promise<string[]> {
  const texts = await Promise.all(
    ['Dockerfile.web', 'Dockerfile.batch'].map((name) => readFile(join(ROOT, name), 'utf8')),
  )
  return [...new Set(texts.flatMap(baseImages))]
}
