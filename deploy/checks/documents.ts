/** Holds the documents to what they speak of: names that Terraform and Cloud Build know, commands that gcloud takes. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Verdict } from './run-terraform.ts'
import { readYaml } from './yaml.ts'

const DOCUMENTS = [
  'docs/deploy.md',
  'docs/operations.md',
  'terraform/README.md',
  'deploy/kubernetes/README.md',
]
/** Words in the shape of a variable that are something else. */
const OTHER_WORDS = new Set(['ignore_changes', 'stack_trace'])
const run = promisify(execFile)

/** Outputs, variables and substitutions that the documents name and nobody has. */
export async function documentFaults(root: string): Promise<string[]> {
  const read = (name: string) => readFile(join(root, name), 'utf8')
  const names = (text: string, pattern: RegExp) =>
    new Set([...text.matchAll(pattern)].map(([, name]) => name))
  const known = {
    output: names(await read('terraform/outputs.tf'), /^output "(\w+)"/gm),
    variable: names(await read('terraform/variables.tf'), /^variable "(\w+)"/gm),
    substitution: names(await read('cloudbuild.yaml'), /^ {2}(_[A-Z]+):/gm),
  }
  const faults = DOCUMENTS.map(async (name) =>
    namesIn(await read(name))
      .filter(({ kind, word }) => !known[kind].has(word))
      .map(({ kind, word }) => `${name}: there is no ${kind} ${word}`),
  )
  return (await Promise.all(faults)).flat()
}

type Name = { kind: 'output' | 'variable' | 'substitution'; word: string }

/** What a document calls by name. A variable is a word with underscores between backticks. */
export function namesIn(text: string): Name[] {
  const all = (kind: Name['kind'], pattern: RegExp): Name[] =>
    [...text.matchAll(pattern)].map(([, word = '']) => ({ kind, word }))
  return [
    ...all('output', /output -raw (\w+)/g),
    ...all('variable', /`([a-z]+(?:_[a-z]+)+)(?: = [^`]*| \d+)?`/g),
    ...all('substitution', /(?<![\w$])(_[A-Z]+)=/g),
  ].filter(({ word }) => !OTHER_WORDS.has(word))
}

/** What gcloud says of the commands in the documents and in cloudbuild.yaml. It runs none of them and calls nobody. */
export async function gcloudFaults(root: string): Promise<Verdict> {
  const texts = DOCUMENTS.map(async (name) => commandsIn(await readFile(join(root, name), 'utf8')))
  const commands = [...(await Promise.all(texts)).flat(), ...(await buildCommands(root))]
  const place = await mkdtemp(join(tmpdir(), 'cutroom-gcloud-'))
  try {
    const file = join(place, 'commands.json')
    await writeFile(file, JSON.stringify(commands.map((command_string) => ({ command_string }))))
    const env = {
      ...process.env,
      CLOUDSDK_CONFIG: place,
      // Otherwise it looks for the machine it runs on, and reports that it was used.
      CLOUDSDK_CORE_CHECK_GCE_METADATA: 'false',
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
    }
    const args = ['meta', 'lint-gcloud-commands', `--commands-file=${file}`]
    const said = await run('gcloud', args, { env, maxBuffer: 2 ** 26, timeout: 120_000 }).catch(
      () => undefined,
    )
    if (!said)
      return { faults: [], skipped: ['gcloud, or its linter, is not here: its commands were not checked'] }
    const verdicts: { success: boolean; command_string: string; error_message: string }[] = JSON.parse(
      said.stdout,
    )
    const wrong = verdicts.filter(({ success }) => !success)
    return { faults: wrong.map((each) => `${each.command_string}: ${each.error_message}`), skipped: [] }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

async function buildCommands(root: string): Promise<string[]> {
  const [build] = (await readYaml(await readFile(join(root, 'cloudbuild.yaml'), 'utf8'))) as [
    { steps: { args: string[] }[] },
  ]
  const scripts = build.steps.map(({ args }) => args.at(-1)?.replaceAll('$$', '$') ?? '')
  return scripts.flatMap((script) => commandsIn(script.replace(/^/gm, '    ')))
}

/**
 * The gcloud commands of a text: those in lines set in by four blanks, and those between backticks. Whatever the shell
 * would put in becomes a word; a switch goes to the end, since the linter takes the word behind it for its value.
 */
export function commandsIn(text: string): string[] {
  const blocks = text.replaceAll(/\\\n\s*/g, '').match(/^ {4}.*$/gm) ?? []
  const inline = [...text.matchAll(/`(gcloud [^`]+)`/g)].map(([, command = '']) =>
    command.replaceAll(/\s+/g, ' '),
  )
  return [...blocks, ...inline]
    .map((line) =>
      line.replaceAll(/\$\((?!gcloud)(?:[^()]|\([^()]*\))*\)/g, 'v').replaceAll(/\$\{?\w+\}?/g, 'v'),
    )
    .flatMap((line) => COMMAND.exec(line)?.[1]?.trim() ?? [])
    .filter((command) => !command.includes('…'))
    .map((command) => [command.replaceAll(SWITCHES, ''), ...(command.match(SWITCHES) ?? [])].join(''))
}

/** From the word gcloud to the end of its command: what stands in quotes ends none. */
const COMMAND = /(?:^|[\s(])(gcloud [a-z](?:'[^']*'|"[^"]*"|[^|;&#)'"])*)/
const SWITCHES = / --(?:recursive|soft-deleted)(?= |$)/g
