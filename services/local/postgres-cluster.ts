import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EMBEDDED_DATABASE, EMBEDDED_USER } from '#shared/database/embedded-url.ts'
import { chownToServer, findBinaries, serverCommand } from './postgres-user.ts'

/**
 * Creates a cluster with a random password and Cutroom's empty database. It is built in a temporary directory and then
 * renamed, so that a crash leaves no incomplete cluster. `durable` as in PostgresOptions.
 */
export async function createCluster(dataDir: string, cluster: string, durable: boolean): Promise<void> {
  const incomplete = join(dataDir, 'cluster.new')
  const passwordFile = join(dataDir, 'password')
  await rm(incomplete, { recursive: true, force: true })
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  await chownToServer(passwordFile)
  await run('initdb', [
    `--pgdata=${incomplete}`,
    `--username=${EMBEDDED_USER}`,
    `--pwfile=${passwordFile}`,
    ...(durable ? [] : ['--no-sync']),
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--auth=scram-sha-256',
  ])
  const singleUser = ['--single', '-D', incomplete, ...(durable ? [] : ['-c', 'fsync=off']), 'postgres']
  await run('postgres', singleUser, `CREATE DATABASE ${EMBEDDED_DATABASE}\n`)
  await chmod(incomplete, 0o700)
  await rename(incomplete, cluster)
}

/** Runs one of the server's programs to its end. Rejects with its output when it fails. */
async function run(program: 'initdb' | 'postgres', args: string[], input = ''): Promise<void> {
  const { command, args: prefix } = serverCommand(findBinaries()[program])
  const child = spawn(command, [...prefix, ...args], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${program} failed with exit code ${code}:\n${output}`)
}
