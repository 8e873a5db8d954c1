import { expect, test } from '@jest/globals'
import { fillIn, settingsTable } from './contract/markdown.ts'
import { driftOf } from './contract.ts'

const keeping = (text: string) => async () => text

test('a file that is what the contract makes of it has not drifted', async () => {
  expect(await driftOf([{ path: 'a.md', make: () => 'same\n' }], keeping('same\n'))).toEqual([])
})

test('drift names the file, the first line that differs, and the command that mends it', async () => {
  const faults = await driftOf([{ path: 'docs/a.json', make: () => 'one\nnew\n' }], keeping('one\nold\n'))
  expect(faults).toEqual([
    'docs/a.json has drifted; run: npm run contract. Line 2 is "old" and should be "new".',
  ])
})

test('a file that goes on after its end has drifted as well', async () => {
  const [fault] = await driftOf([{ path: 'a', make: () => 'one' }], keeping('one\ntwo'))
  expect(fault).toContain('It goes on after line 1.')
})

test('only what stands between the markers is replaced', () => {
  const [begin, end] = ['<!-- x: begin, written by npm run contract -->', '<!-- x: end -->']
  const text = `above\n${begin}\nold\n${end}\nbelow\n`
  expect(fillIn(text, 'x', 'new')).toBe(`above\n${begin}\nnew\n${end}\nbelow\n`)
  expect(() => fillIn('above', 'x', 'new')).toThrow('markers')
})

test('a setting is a row: its name, its default as one would write it, its meaning', () => {
  const table = settingsTable([
    { name: 'PORT', description: 'Port of web.', fallback: 8080 },
    { name: 'BUCKET', description: 'One | two.', fallback: undefined },
    { name: 'BATCH_CONCURRENCY', description: 'How many.', fallback: 7 },
  ])
  expect(table.split('\n').slice(2)).toEqual([
    '| `PORT` | `8080` | Port of web. |',
    '| `BUCKET` |  | One \\| two. |',
    '| `BATCH_CONCURRENCY` | half the cores | How many. |',
  ])
})
