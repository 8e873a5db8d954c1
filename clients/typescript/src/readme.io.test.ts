import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import * as core from './core.ts'
import * as index from './index.ts'

const MODULES: Record<string, object> = { '@cutroom/client': index, '@cutroom/client/core': core }

test('what the README imports is exported', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const imports = [...readme.matchAll(/^import \{ (.+?) \} from '(@cutroom\/.+?)'$/gm)]
  expect(imports.map(([, , name]) => name)).toEqual(expect.arrayContaining(Object.keys(MODULES)))
  for (const [, names = '', name = ''] of imports) {
    expect(Object.keys(MODULES[name] ?? {})).toEqual(expect.arrayContaining(names.split(', ')))
  }
})
