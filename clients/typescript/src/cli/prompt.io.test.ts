import { spawnSync } from 'node:child_process'
import { expect, jest, test } from '@jest/globals'
import { hasPython } from '../../../../test/python.ts'
import { MAIN } from './testing/run-cutroom.ts'

jest.setTimeout(60_000)

/** Runs a command in a terminal and types Ctrl-C once it asks. Prints what it showed, and the exit code. */
const TERMINAL = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b""
while True:
    try:
        read = os.read(fd, 1024)
    except OSError:
        break
    if not read:
        break
    if b": " in read and b": " not in shown:
        os.write(fd, b"\\x03")
    shown += read
print(shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

const testWithPython = (await hasPython()) ? test : test.skip

testWithPython('Ctrl-C at a question interrupts the command, on a line of its own', () => {
  const { stdout } = spawnSync('python3', ['-c', TERMINAL, process.execPath, MAIN, 'login'], {
    encoding: 'utf8',
  })
  expect(stdout.replaceAll('\r', '')).toBe('E-mail address: \ncutroom: Interrupted.\n 130\n')
})
