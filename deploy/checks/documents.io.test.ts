import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { documentIssues, namesIn } from './documents.ts'
import { commandsIn } from './gcloud.ts'

const root = join(import.meta.dirname, '../..')

test('the documents name only outputs, variables and substitutions that exist', async () => {
  expect(await documentIssues(root)).toEqual([])
})

test('outputs, variables and substitutions are found where they are named', () => {
  const text =
    '`terraform output -raw url`, `batch_cpu` 8, `web_min_instances = 1`, `_NAME=…`, no variable: `media.disk_full`, `url`'
  expect(namesIn(text)).toEqual([
    { kind: 'output', word: 'url' },
    { kind: 'variable', word: 'batch_cpu' },
    { kind: 'variable', word: 'web_min_instances' },
    { kind: 'substitution', word: '_NAME' },
  ])
})

test('commands are found in blocks, in pipes, in substitutions and between backticks', () => {
  const text = [
    '    openssl rand 1 | gcloud secrets versions add "a-$service" --data-file=-',
    '    X=$(gcloud a "$(cat b)") # now',
    '    gcloud logging read \'x="y" z\' \\',
    "      --format='value(a, b)' | sort",
    'Words gcloud says nothing of, `gcloud b --c',
    '--d`, and `gcloud e …`.',
    '    gcloud storage rm --recursive "gs://f"',
  ].join('\n')
  expect(commandsIn(text)).toEqual([
    'gcloud secrets versions add "a-v" --data-file=-',
    'gcloud a "v"',
    `gcloud logging read 'x="y" z' --format='value(a, b)'`,
    'gcloud storage rm "gs://f" --recursive',
    'gcloud b --c --d',
  ])
})

test.each([
  ['batch-failing', 0.05, '600s', 'More than 5 %'],
  ['batch-memory', 0.9, '300s', 'more than 90 %'],
  ['database-connections', 'floor(0.8 * var.database_max_connections)', '300s', 'More than 80 %'],
  ['database-cpu', 0.9, '900s', 'Above 90 % for 15 minutes'],
  ['database-disk', 0.85, '600s', 'Above 85 %'],
  ['dead-letters', 0, '0s', 'gave up on a message'],
  ['errors-logged', 10, '0s', 'More than ten lines of severity ERROR within five minutes'],
  ['publish-failing', 0, '300s', 'Publishing to the topic failed'],
  ['queue-age', 900, '300s', 'waited for 15 minutes'],
  ['sweep-failing', 3, '0s', 'Four or more sweeps failed within five minutes'],
  ['web-cpu', 0.9, '600s', 'above 90 %'],
  ['web-failing', 0.05, '300s', 'More than 5 %'],
  ['web-memory', 0.9, '300s', 'more than 90 %'],
  ['web-slow', 2, '600s', 'more than 2 s'],
])('the alert %s and its paragraph have the same limit', async (name, above, lasting, words) => {
  const read = (file: string) => readFile(join(root, file), 'utf8')
  const alerts = await read('terraform/alerts.tf')
  const page = await read('docs/operations.md')
  const alert = alerts.slice(alerts.indexOf(`    ${name} = {`))
  expect(alert.slice(0, alert.indexOf('    }')).replaceAll(/ +=/g, ' =')).toContain(
    `threshold = ${above}, duration = "${lasting}"`,
  )
  const paragraph = page.slice(page.indexOf(`### ${name}\n`) + 4)
  expect(paragraph.slice(0, paragraph.indexOf('\n#'))).toContain(words)
})
