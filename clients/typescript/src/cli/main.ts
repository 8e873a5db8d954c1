import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Client, createClient } from '../client.ts'
import { VERSION } from '../generated/version.ts'
import type { ApiError } from '../http/api-error.ts'
import { DEFAULT_ADDRESS, requireAddress } from './address.ts'
import type { Command, Context, Options } from './command.ts'
import { completionOf } from './commands/completion.ts'
import { events } from './commands/events.ts'
import { listen } from './commands/listen.ts'
import { login, logout } from './commands/login.ts'
import { make } from './commands/make.ts'
import { mcp } from './commands/mcp.ts'
import { plan } from './commands/plan.ts'
import { run } from './commands/run.ts'
import { abort, download, get, list, remove, retry, watch } from './commands/tasks.ts'
import { upload } from './commands/upload.ts'
import { credentialsPath, readCredentials } from './credentials.ts'
import { EXIT, exitCodeOf, UsageError } from './exit-codes.ts'
import { COMMON_OPTIONS, commandHelp, overview } from './help.ts'
import { createTerminal, type Terminal } from './terminal.ts'
import { type NamedFile, recallUpload, type UploadOwner } from './uploads/interrupted-uploads.ts'

const COMMANDS: Record<string, Command> = {
  login,
  logout,
  make,
  plan,
  upload,
  run,
  list,
  get,
  watch,
  abort,
  retry,
  delete: remove,
  download,
  events,
  listen,
  mcp,
  completion: completionOf(() => COMMANDS, COMMON_OPTIONS),
}

process.exitCode = await main(process.argv.slice(2))

/** Runs a command; resolves to the exit code. */
async function main([name, ...args]: string[]): Promise<number> {
  if (name === 'help' && args.length > 0) return main([...args, '--help'])
  if (name === undefined || name === 'help' || name === '--help' || name === '-h')
    return print(overview(COMMANDS))
  if (name === '--version') return print(VERSION)
  const terminal = createTerminal(args.includes('--json'))
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort(new Error('Interrupted.')))
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // What reads the output has ended, as `head` does.
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    terminal.fail(new Error(`Could not write to stdout: ${error.code}.`))
    process.exit(EXIT.unexpected)
  })
  try {
    const [title, command, rest] = find(name, args)
    const { values, positionals } = parse(title, rest, { ...command.options, ...COMMON_OPTIONS })
    if (values.help) return print(commandHelp(title, command))
    // Not named: it could be a key.
    if (command.usage === '' && positionals.length > 0)
      throw new UsageError(`cutroom ${title} takes no arguments; cutroom ${title} --help shows its options.`)
    const common = { env: process.env, isJson: values.json === true, terminal, signal: interrupted.signal }
    const access = {
      connect: async () => connect(await service(values, process.env), terminal),
      serviceUrl: async () => (await service(values, process.env)).baseUrl,
      recallUpload: async (file: NamedFile) =>
        recallUpload(file, uploadOwner(await service(values, process.env))),
    }
    const context: Context = { ...common, values, positionals, ...access }
    const code = await command.run(context)
    terminal.endProgress()
    return code ?? EXIT.ok
  } catch (error) {
    const code = interrupted.signal.aborted ? EXIT.interrupted : exitCodeOf(error)
    terminal.endProgress()
    terminal.fail(error, code)
    return code
  }
}

/** The command that the words name, with its full name and the arguments. @throws UsageError */
function find(name: string, args: string[]): [title: string, command: Command, args: string[]] {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command)
    throw new UsageError(`There is no command ${JSON.stringify(name)}; cutroom --help lists them.`)
  const [second = '', ...rest] = args
  const { subcommands = {} } = command
  const subcommand = Object.hasOwn(subcommands, second) ? subcommands[second] : undefined
  return subcommand ? [`${name} ${second}`, subcommand, rest] : [name, command, args]
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return EXIT.ok
}

/** @throws UsageError with the names of the options that there are. */
function parse(name: string, args: string[], options: Options) {
  try {
    return parseArgs({ args: joinNegative(args, options), options, allowPositionals: true })
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : error
    throw new UsageError(`${reason}; cutroom ${name} --help shows the options.`)
  }
}

/** `--priority -5` and `--trim -0:20` as `--priority=-5` and `--trim=-0:20`: parseArgs takes the value for an option. */
function joinNegative(args: string[], options: Options): string[] {
  const takesValue = (arg = '') => arg.startsWith('--') && options[arg.slice(2)]?.type === 'string'
  const isJoined = (index: number) => takesValue(args[index - 1]) && /^-\d/.test(args[index] ?? '')
  return args.flatMap((arg, index) => {
    if (isJoined(index)) return []
    return isJoined(index + 1) ? [`${arg}=${args[index + 1]}`] : [arg]
  })
}

/** The address of the service, and the key for it of the environment or of `cutroom login`: that is sent to its own service only. */
async function service(values: Record<string, unknown>, env: NodeJS.ProcessEnv) {
  const stored = await readCredentials(credentialsPath(env))
  const given = (values.url as string | undefined) ?? env.CUTROOM_URL
  const baseUrl = requireAddress(given ?? stored?.url ?? DEFAULT_ADDRESS)
  const apiKey = env.CUTROOM_API_KEY?.trim() ?? (stored?.url === baseUrl ? stored.apiKey : undefined)
  return { baseUrl, apiKey }
}

/** Uploads are remembered beside the credentials. */
function uploadOwner({ baseUrl, apiKey = '' }: Service): UploadOwner {
  return { directory: join(dirname(credentialsPath(process.env)), 'uploads'), baseUrl, apiKey }
}

type Service = { baseUrl: string; apiKey: string | undefined }

function connect({ baseUrl, apiKey }: Service, terminal: Terminal): Client {
  if (!apiKey)
    throw new UsageError(`There is no API key for ${baseUrl}; run cutroom login, or set CUTROOM_API_KEY.`)
  const onRetry = ({ detail }: ApiError, delayMs: number) =>
    terminal.note(`${detail} Trying again in ${Math.ceil(delayMs / 1000)} s.`)
  return createClient({ baseUrl, apiKey, onRetry })
}
