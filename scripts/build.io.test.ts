import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { build } from './build.ts'

const sources: Record<string, string> = {
  'package.json': '{"name":"cutroom","version":"1.2.3"}',
  'prisma/migrations/1_init/migration.sql': 'SELECT 1;',
  'docs/guide.md': '# Guide',
  'docs/openapi.json': '{}',
  'services/ops/dead-letters.ts': "if (process.env.HERE) await import('#local/nowhere.ts')",
  'services/ops/grant.ts': 'export {}',
  'services/ops/migrate.ts': "import { word } from '#shared/words.ts'\nexport const migrated: string = word",
  'services/batch/logo.png': 'an image',
  'services/batch/main.ts': 'export const main = 1',
  'services/web/page/app/main.tsx': 'a source of the page',
  'services/web/page/built/assets/index-1.js': 'the built page',
  'services/shared/words.test.ts': 'not code',
  'services/web/fixtures.ts': 'not code either',
  'services/shared/words.ts': "export type Word = string\nexport const word: Word = 'hello'",
  'services/web/greet.ts':
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the file, not of this one.
    "import { word } from '#shared/words.ts'\nexport const greet = (who: string) => `${word}, ${who}`",
  'services/web/main.ts': "import { greet } from './greet.ts'\nconsole.log(greet('world'))",
}

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cutroom-build-'))
  for (const [name, text] of Object.entries(sources)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  await build(root, join(root, 'dist'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('compiled code runs, with relative and with # imports', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'dist/services/web/main.js')])
  expect(stdout).toBe('hello, world\n')
})

test('the version is copied', async () => {
  expect(JSON.parse(await readFile(join(root, 'dist/package.json'), 'utf8'))).toMatchObject({
    version: '1.2.3',
  })
})

test('assets and migrations are copied', async () => {
  expect(await readFile(join(root, 'dist/services/batch/logo.png'), 'utf8')).toBe('an image')
  expect(await readFile(join(root, 'dist/prisma/migrations/1_init/migration.sql'), 'utf8')).toBe('SELECT 1;')
})

test('of the web page, what was built is copied, and its sources are not', async () => {
  const page = join(root, 'dist/services/web/page')
  expect(await readFile(join(page, 'built/assets/index-1.js'), 'utf8')).toBe('the built page')
  await expect(stat(join(page, 'app'))).rejects.toThrow('ENOENT')
})

test('documents are copied, and generated files beside them are not', async () => {
  expect(await readFile(join(root, 'dist/docs/guide.md'), 'utf8')).toBe('# Guide')
  await expect(stat(join(root, 'dist/docs/openapi.json'))).rejects.toThrow('ENOENT')
})

test('files that no entry imports are left out', async () => {
  await expect(stat(join(root, 'dist/services/shared/words.test.js'))).rejects.toThrow('ENOENT')
  await expect(stat(join(root, 'dist/services/web/fixtures.ts'))).rejects.toThrow('ENOENT')
})

test('a second build removes what was deleted', async () => {
  await rm(join(root, 'services/batch/logo.png'))
  await build(root, join(root, 'dist'))
  await expect(stat(join(root, 'dist/services/batch/logo.png'))).rejects.toThrow('ENOENT')
})
