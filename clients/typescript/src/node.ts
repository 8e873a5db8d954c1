import { CutroomError } from './errors.ts'

type Modules = {
  'node:fs': typeof import('node:fs')
  'node:path': typeof import('node:path')
  'node:stream': typeof import('node:stream')
  'node:stream/promises': typeof import('node:stream/promises')
}

/**
 * A module of Node, without an import, which bundlers for browsers could not resolve.
 * @throws CutroomError `client.input_invalid` outside of Node.
 */
export function requireNode<Name extends keyof Modules>(name: Name, purpose: string): Modules[Name] {
  const module = globalThis.process?.getBuiltinModule?.(name)
  if (module) return module as Modules[Name]
  throw new CutroomError('client.input_invalid', `${purpose}, Node 20.16 or later is needed.`, {
    advice: 'In a browser, use a File or Blob.',
  })
}
