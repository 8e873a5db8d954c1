import { hostname } from 'node:os'
import { createClient } from '../../client.ts'
import { CutroomError } from '../../errors.ts'
import { DEFAULT_ADDRESS, requireAddress } from '../address.ts'
import { type Command, type Context, flag, text } from '../command.ts'
import { credentialsPath, readCredentials, removeCredentials, writeCredentials } from '../credentials.ts'
import { UsageError } from '../exit-codes.ts'
import { ask, readStdin } from '../prompt.ts'

type Scope = 'tasks:read' | 'tasks:write' | 'account'
const SCOPES: Scope[] = ['tasks:read', 'tasks:write']

export const login: Command = {
  summary: 'Store an API key, created with your e-mail address and password, or given with --key',
  usage: '',
  options: { key: { type: 'boolean' }, account: { type: 'boolean' } },
  help: {
    key: 'read an API key from stdin, or ask for it',
    account: 'create a key that may also read the webhook secret, as cutroom listen does',
  },
  async run(context) {
    const { env, terminal } = context
    const url = requireAddress(text(context, 'url') ?? env.CUTROOM_URL ?? DEFAULT_ADDRESS)
    const apiKey = flag(context, 'key') ? await readKey(context) : await createKey(url, context)
    const client = createClient({ baseUrl: url, apiKey })
    await checkKey(client)
    const path = credentialsPath(env)
    await writeCredentials(path, { url: client.baseUrl, apiKey })
    terminal.result(
      { url: client.baseUrl, file: path },
      `Logged in to ${client.baseUrl}; the key is in ${path}.`,
    )
    return undefined
  },
}

export const logout: Command = {
  summary: 'Remove the stored API key',
  usage: '',
  async run({ env, terminal }) {
    const path = credentialsPath(env)
    const stored = await readCredentials(path)
    await removeCredentials(path)
    const text = stored ? `Removed ${path}. The key stays valid until you revoke it.` : 'No key was stored.'
    terminal.result({ removed: stored !== undefined }, text)
    return undefined
  },
}

async function readKey({ signal }: Context): Promise<string> {
  const key = process.stdin.isTTY ? await ask('API key', signal, { isHidden: true }) : await readStdin()
  if (key === '' || /\s/.test(key)) throw new UsageError('stdin has no API key, or more than that.')
  return key
}

/** Logs in for as long as it takes to create a key, which can be revoked by itself. */
async function createKey(url: string, context: Context): Promise<string> {
  const { signal } = context
  const email = await ask('E-mail address', signal)
  const password = await ask('Password', signal, { isHidden: true })
  const client = createClient({ baseUrl: url })
  await client.login({ email, password }, { signal })
  const scopes: Scope[] = flag(context, 'account') ? [...SCOPES, 'account'] : SCOPES
  const name = `cutroom on ${hostname()}`.slice(0, 60)
  try {
    return (await client.call('createKey', { body: { name, scopes } }, { signal })).key
  } finally {
    // A session that could not be ended expires by itself; the key must not be lost for it.
    await client.call('logout', {}, { signal }).catch(() => undefined)
  }
}

/**
 * Has the service check the key. `auth.scope_missing` means that the key is valid: one with the scope `tasks:write` alone cannot list
 * tasks.
 * @throws CutroomError `auth.required` when the service does not accept the key.
 */
async function checkKey(client: ReturnType<typeof createClient>): Promise<void> {
  try {
    await client.call('listTasks', { query: { max: 1 } })
  } catch (error) {
    if (error instanceof CutroomError && error.code === 'auth.scope_missing') return
    throw error
  }
}
