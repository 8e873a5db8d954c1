import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { LoginRequest, SignupRequest } from '#shared/contract/auth.ts'
import { CreateTask } from '#shared/contract/tasks.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const lines = [...readme.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block).join('')

test('the commands are valid bash', () => {
  expect(lines).toContain('curl')
  expect(() => execFileSync('bash', ['-n'], { input: lines })).not.toThrow()
})

test('no ffmpeg reads the lines pasted after it', () => {
  for (const line of lines.split('\n').filter((command) => /\bffmpeg -/.test(command)))
    expect(line).toContain('-nostdin')
})

test('each request body matches the schema of its operation', () => {
  const schemas = { '/auth/signup': SignupRequest, '/auth/login': LoginRequest, '/tasks': CreateTask }
  const sent = [...lines.matchAll(/\$API(\/[\w/]+) [^']*'Content-Type: application\/json'[^']*-d '([^']+)'/g)]
  expect(sent.map(([, path]) => path)).toEqual(['/auth/signup', '/auth/login', '/tasks'])
  for (const [, path, body = ''] of sent)
    expect(() => schemas[path as keyof typeof schemas].parse(JSON.parse(body))).not.toThrow()
})

test('every file that a document links to exists', () => {
  for (const file of globSync(
    ['*.md', 'docs/**/*.md', 'terraform/*.md', 'deploy/**/*.md', 'clients/*/*.md'],
    { cwd: root },
  )) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)\)/g)) {
      if (!/^(https?|mailto):/.test(target))
        expect([target, existsSync(join(root, file, '..', target))]).toEqual([target, true])
    }
  }
})
