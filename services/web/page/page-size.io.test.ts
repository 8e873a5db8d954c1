import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const BUILT = join(import.meta.dirname, 'built')
const MAX_GZIP_BYTES = 60_000

test('everything that the page loads is below 60 kB with gzip', () => {
  const assets = join(BUILT, 'assets')
  const files = readdirSync(assets).filter((name) => name.endsWith('.gz'))
  expect(files.length).toBeGreaterThan(1)
  const bytes = files.reduce((sum, name) => sum + readFileSync(join(assets, name)).length, 0)
  expect(bytes).toBeLessThan(MAX_GZIP_BYTES)
})

test('the page has no script or style inline, which its policy would refuse', () => {
  const html = readFileSync(join(BUILT, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:/i)
})
