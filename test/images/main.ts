/**
 * `npm run test:images [-- --storage DIR]`: builds both images and runs them as in the cloud: read-only, without capabilities, as an
 * ordinary user, under the three database roles, with the official Pub/Sub emulator and a fake of Cloud Storage. `--storage`
 * keeps layers and base images for the next run. Where no registry is reachable, the base images are replaced by stand-ins of
 * the same packages. Needs root, buildah, podman, crun and mmdebstrap, and is skipped, loudly, without them.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { allBaseImages, type BaseImage, provideBase } from './base-images.ts'
import { type Engine, openEngine } from './engine.ts'
import { tryImages } from './try-images.ts'

const ROOT = join(import.meta.dirname, '../..')
const TOOLS = ['buildah', 'podman', 'crun', 'mmdebstrap', 'unshare', 'ffmpeg']
const CGROUP2 = '/sys/fs/cgroup/unified'
const MAX_BATCH_MB = 700

const { values } = parseArgs({
  options: {
    storage: { type: 'string' },
    /** Set by this script for itself, once in a mount namespace of its own. */
    inside: { type: 'boolean', default: false },
  },
})
process.exitCode = values.inside ? await buildAndTry() : runIsolated()

/** Runs this script again where it may hide what crun does not understand: both hierarchies of cgroups at once. */
function runIsolated(): number {
  const obstacle = findObstacle()
  if (obstacle) {
    console.error(`SKIPPED: test:images ran nothing, because ${obstacle}.`)
    return 0
  }
  const hide = `if mountpoint -q ${CGROUP2}; then umount ${CGROUP2}; fi; exec "$@"`
  const self = [process.execPath, ...process.argv.slice(1), '--inside']
  const isolate = ['--mount', '--propagation', 'private', 'sh', '-euc', hide, 'sh', ...self]
  return spawnSync('unshare', isolate, { stdio: 'inherit' }).status ?? 1
}

function findObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.getuid?.() !== 0) return 'it needs root, to run containers without a daemon'
  const missing = TOOLS.filter((tool) => !isOnPath(tool))
  if (missing.length === 0) return undefined
  return `${missing.join(' and ')} cannot be found (Debian: apt-get install buildah podman crun mmdebstrap util-linux ffmpeg)`
}

function isOnPath(tool: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

async function buildAndTry(): Promise<number> {
  const temporary = await mkdtemp(join(tmpdir(), 'cutroom-images-'))
  const dir = values.storage ? resolve(values.storage) : temporary
  await mkdir(dir, { recursive: true })
  let [passed, failed] = [0, 0]
  const attempt = async (what: string, work: () => Promise<void>) => {
    const startedAt = performance.now()
    try {
      await work()
      passed += 1
      console.log(`passed: ${what} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
    } catch (error) {
      failed += 1
      console.error(`FAILED: ${what}`)
      throw error
    }
  }
  try {
    const engine = openEngine(dir)
    const bases: BaseImage[] = []
    for (const image of await allBaseImages()) {
      const base = await provideBase(engine, image, dir)
      console.log(`base image ${base.name}: ${base.origin}`)
      bases.push(base)
    }
    await attempt('web is built', () => build(engine, 'web', bases))
    await attempt('batch is built', () => build(engine, 'batch', bases))
    await attempt(`batch is smaller than ${MAX_BATCH_MB} MB, and neither contains npm`, () => measure(engine))
    await tryImages(engine, join(temporary, 'files'), attempt)
  } catch (error) {
    console.error(error)
    if (failed === 0) failed = 1
  } finally {
    await removeFolder(temporary)
  }
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function build(engine: Engine, service: string, bases: BaseImage[]): Promise<void> {
  const options = ['--isolation=chroot', '--layers', '--pull-never', '--format=docker', '--quiet']
  const replaced = bases.flatMap(({ name, local }) =>
    local ? [`--build-context=${name}=container-image://${local}`] : [],
  )
  await engine.buildah(
    'bud',
    ...options,
    ...replaced,
    '--file',
    join(ROOT, `Dockerfile.${service}`),
    '--tag',
    `cutroom-${service}`,
    ROOT,
  )
}

async function measure(engine: Engine): Promise<void> {
  for (const service of ['web', 'batch']) {
    const image = `localhost/cutroom-${service}`
    const megabytes = Math.round((await engine.size(image)) / 1e6)
    console.log(`${image}: ${megabytes} MB`)
    if (service === 'batch' && megabytes >= MAX_BATCH_MB) throw new Error(`batch has ${megabytes} MB`)
    const npm = await engine.run(image, { env: {}, command: ['sh', '-c', 'command -v npm || true'] })
    if (npm !== '') throw new Error(`${service} contains ${npm}`)
  }
}

/** Layers are mounted while a container runs: what is still mounted must not be deleted. */
async function removeFolder(dir: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  if (mounts.includes(dir)) console.error(`Still mounted, and kept: ${dir}`)
  else await rm(dir, { recursive: true, force: true })
}
