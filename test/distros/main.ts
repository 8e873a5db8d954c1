/**
 * `npm run test:distros [-- bookworm trixie testing] [--short] [--mirror URL] [--keep]`: runs both commands of the README on fresh
 * Debian systems, as an ordinary user: `npm start`, with what the README does once it is ready, then `npm test`. `--short` runs the
 * unit tests and the media engine's instead. Each system is a folder with its own packages; the network and the kernel are this
 * machine's. Tests what is committed. Needs root, mmdebstrap and unshare, and is skipped, loudly, without them.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Outcome, tableOf } from './outcome.ts'
import { tryDistribution } from './try-distribution.ts'

const DISTRIBUTIONS = ['bookworm', 'trixie', 'testing']
const TOOLS = ['mmdebstrap', 'unshare', 'chroot', 'mount', 'git']

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    mirror: { type: 'string' },
    /** Set by this script for itself: the folder to build in, once in namespaces of its own. */
    inside: { type: 'string' },
  },
})

// The first process of a namespace dies of no signal by default; the one outside waits for it, to clean up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => values.inside && process.exit(130))
}
process.exitCode = values.inside ? await tryAll(values.inside) : await runIsolated()

/** Runs this script again in its own mount and process namespaces: whatever happens, no mount and no process outlives it. */
async function runIsolated(): Promise<number> {
  const obstacle = findObstacle()
  if (obstacle) {
    console.error(`SKIPPED: test:distros ran nothing, because ${obstacle}.`)
    return 0
  }
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-distros-'))
  const isolate = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child']
  const self = [process.execPath, ...process.argv.slice(1), '--inside', dir]
  const { status } = spawnSync('unshare', [...isolate, ...self], { stdio: 'inherit' })
  if (values.keep) console.log(`kept in ${dir}`)
  // A mount here would mean that the namespace did not hold, and that this would delete what is mounted.
  else if ((await readFile('/proc/self/mounts', 'utf8')).includes(dir)) console.error(`Still mounted: ${dir}`)
  else await rm(dir, { recursive: true, force: true })
  return status ?? 1
}

function findObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.getuid?.() !== 0) return 'it needs root, to build and enter other systems'
  const missing = TOOLS.filter((tool) => !isOnPath(tool))
  if (missing.length > 0) {
    return `${missing.join(' and ')} cannot be found (Debian: apt-get install mmdebstrap util-linux git)`
  }
  return undefined
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

async function tryAll(dir: string): Promise<number> {
  const outcomes: Outcome[] = []
  for (const name of positionals.length > 0 ? positionals : DISTRIBUTIONS) {
    const options = { short: values.short, ...(values.mirror && { mirror: values.mirror }) }
    outcomes.push(await tryDistribution(name, join(dir, name), options))
  }
  console.log(`\n${tableOf(outcomes)}`)
  return outcomes.every(({ failure }) => failure === undefined) ? 0 : 1
}
