import { createHash } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** A lock is held for a minute or two at most; whoever waits notices its release this soon. */
const POLL_MS = 200

/**
 * Takes the lock that lets one set-up of a folder run at a time, and returns the function that releases it. `onWait` is called
 * once, with the lock's file, when another process holds it. The lock of a process that is gone does not count.
 */
export async function acquireLock(root, onWait) {
  const id = createHash('sha256').update(`${root} ${userInfo().uid}`).digest('hex').slice(0, 16)
  const file = join(tmpdir(), `cutroom-setup-${id}`)
  let waiting = false
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      const release = () => rmSync(file, { force: true })
      process.once('exit', release)
      return release
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = read(file)
    if (holder && !isAlive(Number(holder))) removeStale(file, holder)
    else if (!waiting) {
      onWait(file)
      waiting = true
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** Moves a stale lock aside, and puts it back when a living process took it in the meantime. */
function removeStale(file, holder) {
  const aside = `${file}-${process.pid}`
  try {
    renameSync(file, aside)
    if (read(aside) !== holder) linkSync(aside, file)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  }
  rmSync(aside, { force: true })
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
