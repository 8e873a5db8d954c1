import { createHash } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/**
 * Takes the lock that lets one set-up of a folder run at a time; `onWait` hears once of the file that another holds. Gives the
 * function that lets go. The lock of a process that is gone counts for nothing.
 */
export async function takeLock(root, onWait) {
  const place = createHash('sha256').update(`${root} ${userInfo().uid}`).digest('hex').slice(0, 16)
  const lock = join(tmpdir(), `cutroom-setup-${place}`)
  let told = false
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      const release = () => rmSync(lock, { force: true })
      process.once('exit', release)
      return release
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = read(lock)
    if (holder && !isAlive(Number(holder))) breakLock(lock, holder)
    else if (!told) {
      onWait(lock)
      told = true
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Moves a stale lock away; gives it back when, in between, a living process had taken it. */
function breakLock(lock, holder) {
  const aside = `${lock}-${process.pid}`
  try {
    renameSync(lock, aside)
    if (read(aside) !== holder) linkSync(aside, lock)
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
