/** Has gcloud's own linter check the gcloud commands of the documents, of cloudbuild.yaml and of its scripts; none of them is run. */
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DOCUMENTS } from './documents.ts'
import type { Verdict } from './verdict.ts'
import { parseYaml } from './yaml.ts'

const run = promisify(execFile)
/** The linter loads gcloud's whole command tree: 12 s of CPU. */
const TIMEOUT_MS = 120_000

/** What the linter reports; skipped where there is no gcloud. */
export async function lintGcloudCommands(root: string): Promise<Verdict> {
  const documents = DOCUMENTS.map(async (name) => commandsIn(await readFile(join(root, name), 'utf8')))
  const commands = [...(await Promise.all(documents)).flat(), ...(await buildCommands(root))]
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-gcloud-'))
  try {
    const results = await lint(dir, commands)
    if (!results) return { issues: [], skipped: ['gcloud commands: gcloud, or its linter, is not installed'] }
    const failed = results.filter(({ success }) => !success)
    return { issues: failed.map((each) => `${each.command_string}: ${each.error_message}`), skipped: [] }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

type LintResult = { success: boolean; command_string: string; error_message: string }

async function lint(dir: string, commands: string[]): Promise<LintResult[] | undefined> {
  const file = join(dir, 'commands.json')
  await writeFile(file, JSON.stringify(commands.map((command_string) => ({ command_string }))))
  const env = {
    ...process.env,
    CLOUDSDK_CONFIG: dir,
    // Otherwise gcloud probes for a metadata server, and reports usage.
    CLOUDSDK_CORE_CHECK_GCE_METADATA: 'false',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
  }
  const args = ['meta', 'lint-gcloud-commands', `--commands-file=${file}`]
  const options = { env, maxBuffer: 2 ** 26, timeout: TIMEOUT_MS }
  const output = await run('gcloud', args, options).catch(() => undefined)
  return output && JSON.parse(output.stdout)
}

async function buildCommands(root: string): Promise<string[]> {
  const [build] = parseYaml(await readFile(join(root, 'cloudbuild.yaml'), 'utf8')) as [
    { steps: { args: string[] }[] },
  ]
  const scripts = build.steps.map(({ args }) => args.at(-1)?.replaceAll('$$', '$') ?? '')
  for (const path of globSync('deploy/release/*.sh', { cwd: root })) {
    const script = await readFile(join(root, path), 'utf8')
    scripts.push(script.replaceAll(/^#.*\n/gm, '').replaceAll(NUMBERS, '10'))
  }
  return scripts.flatMap((script) => commandsIn(script.replace(/^/gm, '    ')))
}

/**
 * The gcloud commands of a text: in blocks indented by four spaces or fenced, and between backticks. Shell substitutions become
 * a word. A switch goes to the end, since the linter takes the word after it for its value.
 */
export function commandsIn(text: string): string[] {
  const fenced = text.replaceAll(/^```\w*\n([\s\S]*?)^```$/gm, (_, block: string) =>
    block.replace(/^/gm, '    '),
  )
  const blocks = fenced.replaceAll(/\\\n\s*/g, '').match(/^ {4}.*$/gm) ?? []
  const inline = [...text.matchAll(/`(gcloud [^`]+)`/g)].map(([, command = '']) =>
    command.replaceAll(/\s+/g, ' '),
  )
  return [...blocks, ...inline]
    .map((line) =>
      line.replaceAll(/\$\((?!gcloud)(?:[^()]|\([^()]*\))*\)/g, 'v').replaceAll(/\$\{?\w+\}?/g, 'v'),
    )
    .flatMap((line) => COMMAND.exec(line)?.[1]?.trim() ?? [])
    .filter((command) => !command.includes('…'))
    .map((command) => command.replaceAll(REDIRECTIONS, ''))
    .map((command) => [command.replaceAll(SWITCHES, ''), ...(command.match(SWITCHES) ?? [])].join(''))
}

/** From the word gcloud to the end of its command; text in quotes does not end it. */
const COMMAND = /(?:^|[\s(])(gcloud [a-z](?:'[^']*'|"[^"]*"|[^|;&#)'"])*)/
/** Variables that hold a number where the linter insists on one. */
const NUMBERS = /\$(?:\w*PERCENT|limit)\b/g
const REDIRECTIONS = / \d?> *\S+/g
const SWITCHES = / --(?:recursive|soft-deleted)(?= |$)/g
