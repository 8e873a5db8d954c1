import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { completionScript } from './completion.ts'

const script = completionScript(
  {
    make: {
      options: { preset: { type: 'string', short: 'p' }, 'no-wait': { type: 'boolean' } },
      choices: { preset: ['reel', 'mp3'] },
    },
    list: { choices: { status: ['queued', 'running'] } },
    events: { subcommands: { replay: { options: { since: { type: 'string' } } } } },
  },
  { json: { type: 'boolean' } },
)

/** What bash offers after the words, of which the last is being typed. */
function offers(...words: string[]): string[] {
  const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`
  const run = `${script}\n${set}\n_cutroom\nprintf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', run], { encoding: 'utf8', cwd: import.meta.dirname })
    .trim()
    .split('\n')
}

test('commands, options of the command, and files are completed', () => {
  expect(offers('cutroom', 'm')).toEqual(['make'])
  expect(offers('cutroom', 'make', '--')).toEqual(['--preset', '--no-wait', '--json'])
  expect(offers('cutroom', 'list', '--')).toEqual(['--json'])
  expect(offers('cutroom', 'make', 'completion.io')).toEqual(['completion.io.test.ts'])
})

test('subcommands and their options are completed', () => {
  expect(offers('cutroom', 'events', 're')).toEqual(['replay'])
  expect(offers('cutroom', 'events', 'replay', '--')).toEqual(['--since', '--json'])
})

test('the values of an option are completed, also in a list', () => {
  expect(offers('cutroom', 'make', '-p', '')).toEqual(['reel', 'mp3'])
  expect(offers('cutroom', 'make', '--preset', 'm')).toEqual(['mp3'])
  expect(offers('cutroom', 'list', '--status', 'queued,r')).toEqual(['queued,running'])
})
