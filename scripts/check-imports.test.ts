import { describe, expect, test } from '@jest/globals'
import { faultsOf, importsOf, unusedFaults } from './check-imports.ts'

const manifest = {
  dependencies: { express: '1', pg: '1', winston: '1' },
  devDependencies: { supertest: '1', typescript: '1', '@types/pg': '1', '@types/ghost': '1' },
}
const faults = (path: string, text: string) => faultsOf({ path, text }, manifest)

describe('a breach is named', () => {
  test.each([
    ['services/web/a.ts', "import { x } from '#batch/x.ts'", 'web must not import from batch (#batch/x.ts)'],
    [
      'services/batch/a/b.ts',
      "import { x } from '../../web/x.ts'",
      'batch must not import from web (../../web/x.ts)',
    ],
    ['services/shared/a.ts', "export * from '#web/x.ts'", 'shared must not import from web (#web/x.ts)'],
    [
      'services/shared/a.ts',
      "type X = import('#local/x.ts').X",
      'shared must not import from local (#local/x.ts)',
    ],
    ['services/web/a.ts', "import { x } from '#test/x.ts'", 'web must not import from test (#test/x.ts)'],
    ['services/web/a.ts', "import pg from 'pg'", 'pg belongs in shared/database/database.ts'],
    [
      'services/web/a.ts',
      "import 'left-pad/x'",
      'left-pad has no home yet: give it one in scripts/check-imports.ts',
    ],
    ['services/web/a.test.ts', "import x from '@ghost/x/y'", '@ghost/x is not in package.json'],
    [
      'services/web/a.ts',
      "import helmet from 'helmet'",
      'helmet is needed at run time and must be in "dependencies"',
    ],
    [
      'services/web/a.ts',
      'const x = process.env.X',
      'reads process.env; only services/shared/config.ts does',
    ],
  ])('in %s: %s', (path, text, fault) => {
    expect(faults(path, text)).toEqual([`${path}: ${fault}`])
  })
})

describe('nothing is said of', () => {
  test.each([
    ['services/web/a.ts', "import { x } from '#shared/x.ts'"],
    ['services/web/a.ts', "import express from 'express'"],
    ['services/web/a.ts', "// process.env is read elsewhere\nimport 'node:fs'"],
    ['services/local/a.ts', "import { x } from '#web/x.ts'\nprocess.env.X"],
    ['services/shared/database/database.ts', "import pg from 'pg'"],
    ['services/shared/config.ts', 'loadConfig(process.env)'],
    ['services/shared/a.test.ts', "import pg from 'pg'\nimport { x } from '#test/x.ts'\nprocess.env.X"],
    ['scripts/a.ts', "import { x } from '#web/x.ts'\nimport pg from 'pg'\nprocess.env.X"],
    ['services/shared/generated/a.ts', "import x from 'anything'"],
  ])('%s: %s', (path, text) => {
    expect(faults(path, text)).toEqual([])
  })
})

test('imports over several lines, of types, and on demand are all seen', () => {
  const text = [
    'import a, {',
    '  b,',
    "} from 'one'",
    'import type { c } from "two"',
    "export { d } from './three.ts'",
    `const e = await ${'import'}('four')`,
    "const prose = 'not taken from anywhere'",
  ].join('\n')
  expect(importsOf(text)).toEqual(['one', 'two', './three.ts', 'four'])
})

test('a package that nobody imports and no table explains is reported, its types as well', () => {
  const files = [
    { path: 'services/shared/database/database.ts', text: "import pg from 'pg'\nimport w from 'winston'" },
  ]
  expect(unusedFaults(files, manifest)).toEqual([
    'package.json: express is used nowhere',
    'package.json: supertest is used nowhere',
    'package.json: @types/ghost is used nowhere',
  ])
})
