import type { ParseArgsConfig } from 'node:util'
import type { Client } from '../client.ts'
import { UsageError } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'
import type { NamedFile, RememberedUpload } from './uploads/interrupted-uploads.ts'

export type Options = NonNullable<ParseArgsConfig['options']>

/** What a command gets: its arguments, the service, and where to write. */
export type Context = {
  positionals: string[]
  /** The options by name; `flag`, `text` and `texts` read them with their types. */
  values: Record<string, unknown>
  env: Record<string, string | undefined>
  isJson: boolean
  terminal: Terminal
  /** The service with the stored key, or that of CUTROOM_API_KEY. @throws UsageError when there is none. */
  connect(): Promise<Client>
  /** The address of the service, which needs no key. */
  serviceUrl(): Promise<string>
  /** Finds the upload of a file that an earlier process did not finish. */
  recallUpload(file: NamedFile): Promise<RememberedUpload>
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

export type Command = {
  summary: string
  /** The arguments, as the help shows them. */
  usage: string
  options?: Options
  /** What the options mean; those of every command are left out. */
  help?: Record<string, string>
  /** The values that options have, for completion; of several, separated by commas, each. */
  choices?: Record<string, readonly string[]>
  /** Commands of two words, by the second. */
  subcommands?: Record<string, Command>
  /** Resolves to the exit code, when it is not 0. */
  run(context: Context): Promise<number | undefined>
}

export const flag = ({ values }: Context, name: string): boolean => values[name] === true
export const text = ({ values }: Context, name: string) => values[name] as string | undefined
export const texts = ({ values }: Context, name: string) => (values[name] ?? []) as string[]

/** @throws UsageError when the option is not a whole number from `min`. */
export function wholeNumber(context: Context, name: string, min: number): number | undefined {
  const value = text(context, name)
  if (value === undefined) return undefined
  if (/^\d{1,15}$/.test(value) && Number(value) >= min) return Number(value)
  throw new UsageError(`--${name} ${value} is not a whole number from ${min}.`)
}

/** The values of an option `key=value` that can be repeated. @throws UsageError */
export function pairs(context: Context, name: string): Record<string, string> | undefined {
  const entries = texts(context, name).map((pair): [string, string] => {
    const at = pair.indexOf('=')
    if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
    throw new UsageError(`--${name} ${pair} is not KEY=VALUE.`)
  })
  const twice = entries.find(([key], index) => entries.findIndex(([other]) => other === key) < index)
  if (twice) throw new UsageError(`--${name} gives ${twice[0]} twice.`)
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** The only argument. @throws UsageError */
export function onlyArgument({ positionals }: Context, what: string): string {
  const [first, ...more] = positionals
  if (first && more.length === 0) return first
  throw new UsageError(`Give one ${what}.`)
}
