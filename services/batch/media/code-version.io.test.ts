import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { codeVersion } from './code-version.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'code-version-'))
  await mkdir(join(dir, 'plan'))
  await writeFile(join(dir, 'plan/plan.ts'), 'export const threads = 1')
  await writeFile(join(dir, 'plan/plan.test.ts'), 'test')
})
afterAll(() => rm(dir, { recursive: true }))

test('the version of the code changes with the code, and not with its tests', async () => {
  const first = await codeVersion(dir)
  expect(first).toMatch(/^[0-9a-f]{12}$/)
  await writeFile(join(dir, 'plan/plan.test.ts'), 'another test')
  expect(await codeVersion(dir)).toBe(first)
  await writeFile(join(dir, 'plan/plan.ts'), 'export const threads = 2')
  const second = await codeVersion(dir)
  expect(second).not.toBe(first)
  await rename(join(dir, 'plan/plan.ts'), join(dir, 'plan.ts'))
  expect([first, second]).not.toContain(await codeVersion(dir))
})

test('compiled code has a version, too, and a folder without code has none', async () => {
  const compiled = await mkdtemp(join(tmpdir(), 'code-version-'))
  try {
    await expect(codeVersion(compiled)).rejects.toThrow('There is no code in')
    await writeFile(join(compiled, 'plan.js'), 'export const threads = 1')
    const first = await codeVersion(compiled)
    await writeFile(join(compiled, 'plan.js'), 'export const threads = 2')
    expect(await codeVersion(compiled)).not.toBe(first)
  } finally {
    await rm(compiled, { recursive: true })
  }
})

test('that of the engine is the same each time', async () => {
  expect(await codeVersion()).toBe(await codeVersion())
})
