import { stripVTControlCharacters } from 'node:util'
import { expect, test } from '@jest/globals'
import { createTerminal } from './terminal.ts'

/** A terminal of this size, and the lines that it shows. */
function open(columns: number, rows: number) {
  let lines: string[] = []
  let written = ''
  const write = (text: string) => {
    written += text
    const up = text.startsWith('\x1b[') ? Number.parseInt(text.slice(2), 10) : 0
    if (up > 0) lines = lines.slice(0, -up)
    lines.push(...stripVTControlCharacters(text).replaceAll('\r', '').split('\n').slice(0, -1))
    return true
  }
  const stream = { isTTY: true, columns, rows, write } as unknown as NodeJS.WriteStream
  return { terminal: createTerminal(false, stream, stream), shown: () => lines, all: () => written }
}

const running = (label: string) => ({ label, status: 'running', percent: 50 })

test('a line of progress is replaced, ends by itself, and results and errors come above the others', () => {
  const { terminal, shown } = open(40, 24)
  terminal.progress('a', running('a.mp4'))
  terminal.progress('b', running('b.mp4'))
  terminal.result({}, 'a.mp3')
  terminal.endProgress('a')
  terminal.fail(new Error('No.'))
  expect(shown()).toEqual(['a.mp3', 'cutroom: No.', expect.stringMatching(/^b\.mp4 {2}running/)])
  terminal.endProgress()
  expect(shown()).toEqual(['a.mp3', 'cutroom: No.'])
})

test('no more lines are shown than the terminal has', () => {
  const { terminal, shown } = open(40, 3)
  for (const name of ['a', 'b', 'c', 'd']) terminal.progress(name, running(name))
  expect(shown()).toHaveLength(2)
  terminal.endProgress('a')
  expect(shown()).toEqual([expect.stringMatching(/^b/), expect.stringMatching(/^c/)])
})

test('control characters of names do not reach the terminal', () => {
  const { terminal, all } = open(40, 24)
  terminal.progress('a', running('\x1b[31mred.mp4'))
  terminal.note('\x07bell')
  for (const sequence of ['\x1b[31m', '\x07']) expect(all()).not.toContain(sequence)
})
