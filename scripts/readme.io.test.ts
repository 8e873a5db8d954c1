import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { LoginRequest, SignupRequest } from '#shared/contract/auth.ts'
import { CreateTask } from '#shared/contract/tasks.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const lines = [...readme.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block).join('')

test('the lines to copy are whole for bash', () => {
  expect(lines).toContain('curl')
  expect(() => execFileSync('bash', ['-n'], { input: lines })).not.toThrow()
})

test('nothing among them reads what was pasted after it', () => {
  for (const line of lines.split('\n').filter((one) => /\bffmpeg\b/.test(one)))
    expect(line).toContain('-nostdin')
})

test('each body that is sent is one that its operation takes', () => {
  const schemas = { '/auth/signup': SignupRequest, '/auth/login': LoginRequest, '/tasks': CreateTask }
  const sent = [...lines.matchAll(/\$API(\/[\w/]+) [^']*'Content-Type: application\/json'[^']*-d '([^']+)'/g)]
  expect(sent.map(([, path]) => path)).toEqual(['/auth/signup', '/auth/login', '/tasks'])
  for (const [, path, body = ''] of sent)
    expect(() => schemas[path as keyof typeof schemas].parse(JSON.parse(body))).not.toThrow()
})

test('every file that the documents link to is there', () => {
  for (const file of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/decisions/README.md']) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)\)/g)) {
      if (!/^https?:/.test(target))
        expect([target, existsSync(join(root, file, '..', target))]).toEqual([target, true])
    }
  }
})
