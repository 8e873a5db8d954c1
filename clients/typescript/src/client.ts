import type { Arguments, Event, OperationId, Reply } from './api.ts'
import { type CallOptions, createCaller } from './call.ts'
import { CutroomError, cutroomError } from './errors.ts'
import { type EventsOptions, followEvents } from './events.ts'
import * as ROUTES from './generated/routes.ts'
import type { ApiError } from './http/api-error.ts'
import type { Route } from './route.ts'
import { createTasks, type Tasks } from './tasks/tasks.ts'
import { createUploads, type UploadFile, type Uploads } from './uploads/uploads.ts'
import { withVersionHint } from './version.ts'

export type ClientOptions = {
  /** Address of the service; `http://localhost:8080` by default. */
  baseUrl?: string
  /**
   * An API key, or a token; or a function that returns one, called before each request. After a 401 it is called once more, with what
   * was refused: return a new token, and the request is sent again.
   */
  apiKey?: string | ((refused?: string) => string | undefined | Promise<string | undefined>)
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch
  /** How often a request is sent at most when the connection or the service fails; 6 by default. */
  attempts?: number
  /** Called before each wait for another attempt of a request, which takes `delayMs`; a call can have its own. */
  onRetry?: (error: ApiError, delayMs: number) => void
}

export type Client = {
  readonly baseUrl: string
  /** Uploads a file in chunks, continuing where it was interrupted. Use the `upload_id` in tasks. */
  upload: UploadFile
  uploads: Uploads
  tasks: Tasks
  /** The events of all tasks and uploads, in order and without gaps; does not end by itself. */
  events(options?: EventsOptions): AsyncGenerator<Event>
  /** All presets, as recipes. */
  presets(options?: CallOptions): Promise<Reply<'presets'>>
  /** Creates an account. */
  signup(account: Arguments<'signup'>['body'], options?: CallOptions): Promise<Reply<'signup'>>
  /** Logs in; this client sends the token from then on. Programs use an API key instead. */
  login(credentials: Arguments<'login'>['body'], options?: CallOptions): Promise<Reply<'login'>>
  /** Calls any operation by its name in the OpenAPI document. */
  call<Id extends OperationId>(id: Id, args: Arguments<Id>, options?: CallOptions): Promise<Reply<Id>>
}

const routes: { [Id in OperationId]: Route<Id> } = ROUTES

/** @throws CutroomError `client.input_invalid` when `baseUrl` is not an http or https URL. */
export function createClient(options: ClientOptions = {}): Client {
  const { apiKey, fetch, attempts, onRetry } = options
  const baseUrl = toBaseUrl(options.baseUrl ?? 'http://localhost:8080')
  let loggedIn: string | undefined
  const caller = createCaller({
    baseUrl,
    fetch,
    attempts,
    onRetry,
    fail: cutroomError,
    token: async (refused) =>
      requirePrintable(loggedIn ?? (typeof apiKey === 'function' ? await apiKey(refused) : apiKey)),
    explain: (error) => withVersionHint(error, baseUrl, caller.transport),
  })
  const call: Client['call'] = (id, args, options) => caller.call(routes[id], args, options)
  const uploads = createUploads(caller)

  return {
    baseUrl,
    upload: uploads.upload,
    uploads,
    tasks: createTasks(caller, uploads.upload),
    events: (options) => followEvents(caller, options),
    presets: (options) => caller.call(ROUTES.presets, {}, options),
    signup: (body, options) => caller.call(ROUTES.signup, { body }, options),
    async login(body, options) {
      const reply = await caller.call(ROUTES.login, { body }, options)
      loggedIn = reply.token
      return reply
    },
    call,
  }
}

function toBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new CutroomError('client.input_invalid', 'baseUrl is not an http or https URL.')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** `fetch` would name the whole header in its error, and the key with it. */
function requirePrintable(token: string | undefined): string | undefined {
  if (token === undefined || /^[\x21-\x7e]*$/.test(token)) return token
  const detail = 'The API key has a space, a line break or another invalid character.'
  throw new CutroomError('auth.required', detail, { status: 401 })
}
