import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const text = (file: string) => readFileSync(join(import.meta.dirname, '..', file), 'utf8')
const read = (file: string) => JSON.parse(text(file))

test('since npm 12, an install script runs only where package.json says so: each of them is allowed or denied', () => {
  const packages: Record<string, { hasInstallScript?: boolean }> = read('package-lock.json').packages
  const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript)
  const names = withScript.map(([path]) => path.replace(/^.*node_modules\//, ''))
  expect(Object.keys(read('package.json').allowScripts).toSorted()).toEqual(names.toSorted())
})

test('before npm 12, no package runs a script by itself; scripts/setup.mjs runs those that are allowed', () => {
  expect(text('.npmrc')).toMatch(/^ignore-scripts=true$/m)
  expect(text('scripts/setup.mjs')).toContain('allowScripts')
})

test('the telemetry of packages is off', () => {
  expect(read('package.json').scarfSettings).toEqual({ enabled: false })
})
