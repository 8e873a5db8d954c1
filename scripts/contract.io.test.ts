import { expect, test } from '@jest/globals'
import { replaceBlock, settingsTables } from './contract/markdown.ts'
import { findOutdated } from './contract.ts'

const containing = (text: string) => async () => text

test('a file that equals its generated text is up to date', async () => {
  expect(await findOutdated([{ path: 'a.md', generate: () => 'same\n' }], containing('same\n'))).toEqual([])
})

test('an outdated file is reported with the first line that differs and the command to run', async () => {
  const outdated = await findOutdated(
    [{ path: 'docs/a.json', generate: () => 'one\nnew\n' }],
    containing('one\nold\n'),
  )
  expect(outdated).toEqual([
    'docs/a.json is out of date; run: npm run contract. Line 2 is "old" and should be "new".',
  ])
})

test('a file with extra lines at its end is out of date', async () => {
  const [line] = await findOutdated([{ path: 'a', generate: () => 'one' }], containing('one\ntwo'))
  expect(line).toContain('It has extra lines after line 1.')
})

test('only the text between the markers is replaced', () => {
  const [begin, end] = ['<!-- x: begin, written by npm run contract -->', '<!-- x: end -->']
  const text = `above\n${begin}\nold\n${end}\nbelow\n`
  expect(replaceBlock(text, 'x', 'new')).toBe(`above\n${begin}\nnew\n${end}\nbelow\n`)
  expect(() => replaceBlock('above', 'x', 'new')).toThrow('markers')
})

test('each group of settings is a table with names, defaults and descriptions', () => {
  const tables = settingsTables([
    {
      title: 'Server',
      settings: [
        { name: 'PORT', description: 'Port of web.', fallback: 8080, secret: false },
        { name: 'BUCKET', description: 'One | two.', fallback: undefined, secret: false },
      ],
    },
    {
      title: 'Jobs',
      settings: [
        { name: 'BATCH_CONCURRENCY', description: 'How many.', fallback: 7, secret: false },
        { name: 'KEY', description: 'A key.', fallback: undefined, secret: true },
      ],
    },
  ])
  const head = ['| Setting | Default | Description |', '| --- | --- | --- |']
  expect(tables.split('\n')).toEqual([
    ...['## Server', '', ...head],
    '| `PORT` | `8080` | Port of web. |',
    '| `BUCKET` |  | One \\| two. |',
    ...['', '## Jobs', '', ...head],
    '| `BATCH_CONCURRENCY` | half the cores, and at most one for each 3 GiB of memory | How many. |',
    '| `KEY` |  | **Secret.** A key. |',
  ])
})
