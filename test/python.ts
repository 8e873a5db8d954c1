import { execFile } from 'node:child_process'

/** Whether there is a python3 of version 3.9 or later. Says loudly that tests are skipped when there is none. */
export async function hasPython(): Promise<boolean> {
  const check = 'import sys; sys.exit(sys.version_info < (3, 9))'
  const found = await new Promise<boolean>((resolve) => {
    execFile('python3', ['-c', check], (error) => resolve(error === null))
  })
  if (!found)
    console.warn('SKIPPED: the tests in Python, because there is no python3 of version 3.9 or later.')
  return found
}
