import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser'

// Not a literal: TypeScript has no types for it.
const CONFIG = '../../.dependency-cruiser.mjs'

/** One breach of each rule, and beside it what the rule permits. */
const files: Record<string, string> = {
  'services/shared/a.ts': "export * from '../web/a.ts'",
  'services/web/a.ts': "import 'left-pad'; import '../shared/ok.ts'",
  'services/web/b.ts': "import type { A } from '../batch/a.ts'; export type B = A",
  'services/web/c.ts': "import '../shared/queue/testing/fakes.ts'",
  'services/web/c.test.ts':
    "import '../shared/queue/testing/fakes.ts'; import 'pg'; import '../../test/a.ts'",
  'services/web/d.test.ts': "import 'node:net'",
  'services/web/d.io.test.ts': "import 'node:net'",
  'services/web/pg.ts': "import type pg from 'pg'; export type Pool = pg.Pool",
  'services/shared/database/database.ts': "import 'pg'",
  'services/shared/cycle-a.ts': "import type { B } from './cycle-b.ts'; export type A = B",
  'services/shared/cycle-b.ts': "import type { A } from './cycle-a.ts'; export type B = A",
  'services/shared/ok.ts': 'export {}',
  'services/shared/queue/testing/fakes.ts': "import '../../../../test/a.ts'",
  'services/batch/a.ts': 'export type A = 1',
  'services/batch/media/plan/plan.ts': "import 'node:fs/promises'; import '../execute/execute.ts'",
  'services/batch/media/plan/pure.ts': "import 'node:path'",
  'services/batch/media/execute/execute.ts': "import '../plan/pure.ts'; import 'node:fs'",
  'services/batch/media/ffmpeg/run.ts': "import '../plan/pure.ts'; import 'node:child_process'",
  'services/local/main.ts': "import '../web/a.ts'; import '../nowhere.ts'",
  'services/web/page/app/a.ts':
    "import '../../../../clients/typescript/src/core.ts'; import '../../../../clients/typescript/src/b.ts'",
  'services/web/e.ts': "import '../../clients/typescript/src/core.ts'",
  'services/ops/a.ts': "import '../web/b.ts'; import '../shared/ok.ts'",
  'clients/typescript/src/a.ts':
    "import '../../../services/shared/ok.ts'; import 'left-pad'; import './b.ts'",
  'clients/typescript/src/b.ts': 'export {}',
  'clients/typescript/src/core.ts': "import './b.ts'",
  'test/a.ts': 'export {}',
  'services/web/dev.ts': "import 'winston'",
  'node_modules/winston/package.json': '{"name":"winston","version":"1.0.0","main":"index.js"}',
  'node_modules/winston/index.js': '',
  'node_modules/pg/package.json': '{"name":"pg","version":"1.0.0","main":"index.js"}',
  'node_modules/pg/index.js': '',
  'node_modules/left-pad/package.json': '{"name":"left-pad","version":"1.0.0","main":"index.js"}',
  'node_modules/left-pad/index.js': '',
  'package.json':
    '{"name":"x","type":"module","dependencies":{"pg":"1.0.0"},"devDependencies":{"winston":"1.0.0"}}',
}

let violations: string[]
let cleanUp = async () => {}
beforeAll(async () => {
  const baseDir = await mkdtemp(join(tmpdir(), 'cutroom-imports-'))
  cleanUp = () => rm(baseDir, { recursive: true, force: true })
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(baseDir, name)), { recursive: true })
    await writeFile(join(baseDir, name), text)
  }
  const { default: rules } = (await import(CONFIG)) as { default: IConfiguration }
  const { tsConfig: _, ...options } = rules.options ?? {}
  const { output } = await cruise(['services', 'clients'], {
    ...options,
    baseDir,
    validate: true,
    ruleSet: { forbidden: rules.forbidden ?? [] },
  })
  violations = (output as ICruiseResult).summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} → ${to}`,
  )
})
afterAll(() => cleanUp())

test('each rule reports its breach, and nothing else is reported', () => {
  expect(violations.toSorted()).toEqual([
    'arrow-ops: services/ops/a.ts → services/web/b.ts',
    'arrow-shared: services/shared/a.ts → services/web/a.ts',
    'arrow-web: services/web/b.ts → services/batch/a.ts',
    'arrow-web: services/web/page/app/a.ts → clients/typescript/src/b.ts',
    'client-is-for-the-page: services/web/e.ts → clients/typescript/src/core.ts',
    'client-stands-alone: clients/typescript/src/a.ts → node_modules/left-pad/index.js',
    'client-stands-alone: clients/typescript/src/a.ts → services/shared/ok.ts',
    'ffmpeg-knows-no-recipe: services/batch/media/ffmpeg/run.ts → services/batch/media/plan/pure.ts',
    'no-cycle: services/shared/cycle-a.ts → services/shared/cycle-b.ts',
    'no-testing-in-production: services/web/c.ts → services/shared/queue/testing/fakes.ts',
    'not-found: services/local/main.ts → ../nowhere.ts',
    'not-in-package-json: services/web/a.ts → node_modules/left-pad/index.js',
    'planning-is-pure: services/batch/media/plan/plan.ts → fs/promises',
    'planning-is-pure: services/batch/media/plan/plan.ts → services/batch/media/execute/execute.ts',
    'runtime-package-in-dev-dependencies: services/web/dev.ts → node_modules/winston/index.js',
    'unit-tests-are-pure: services/web/d.test.ts → net',
    'vendor-home: pg: services/web/pg.ts → node_modules/pg/index.js',
    'vendor-home: winston: services/web/dev.ts → node_modules/winston/index.js',
    'vendor-without-home: services/web/a.ts → node_modules/left-pad/index.js',
  ])
})
