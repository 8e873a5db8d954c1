import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const BUILT = join(import.meta.dirname, 'built')
const ASSETS = join(BUILT, 'assets')
const MAX_GZIP_BYTES = 60_000
/** With what is loaded when it is needed: the editor, which contains the player, and the settings of the account. */
const MAX_GZIP_BYTES_IN_ALL = 72_000

const gzipBytes = (names: Iterable<string>) =>
  [...names].reduce((sum, name) => sum + readFileSync(join(ASSETS, `${name}.gz`)).length, 0)

/** The files that a text names, and what those that are scripts import at once; `import()` waits until it is called. */
function loadedWith(text: string, loaded = new Set<string>()): Set<string> {
  const names = text.matchAll(/(?:\/assets\/|(?:from|import)"\.\/)([\w.-]+\.(?:js|css|svg))"/g)
  for (const [, name = ''] of names) {
    if (loaded.has(name)) continue
    loaded.add(name)
    if (name.endsWith('.js')) loadedWith(readFileSync(join(ASSETS, name), 'utf8'), loaded)
  }
  return loaded
}

test('everything that the page loads is below 60 kB with gzip', () => {
  const names = loadedWith(readFileSync(join(BUILT, 'index.html'), 'utf8'))
  expect(names.size).toBeGreaterThan(1)
  expect(gzipBytes(names)).toBeLessThan(MAX_GZIP_BYTES)
})

test('with what it loads when it is needed, it is below 72 kB', () => {
  const names = readdirSync(ASSETS).flatMap((name) => (name.endsWith('.gz') ? [name.slice(0, -3)] : []))
  expect(names.length).toBeGreaterThan(1)
  expect(gzipBytes(names)).toBeLessThan(MAX_GZIP_BYTES_IN_ALL)
})

test('the page has no script or style inline, which its policy would refuse', () => {
  const html = readFileSync(join(BUILT, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:/i)
})
