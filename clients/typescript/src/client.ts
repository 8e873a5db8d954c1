import type { Arguments, Event, Reply } from './api.ts'
import { type Call, type CallOptions, createCaller } from './call.ts'
import { CutroomError } from './errors.ts'
import { type EventsOptions, followEvents } from './events.ts'
import { createTransport } from './http/transport.ts'
import { createTasks, type Tasks } from './tasks/tasks.ts'
import { createUploads, type UploadFile, type Uploads } from './uploads/uploads.ts'

export type ClientOptions = {
  /** Address of the service; `http://localhost:8080` by default. */
  baseUrl?: string
  /** An API key, or a token; or a function that returns one, called before each request. */
  apiKey?: string | (() => string | undefined | Promise<string | undefined>)
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch
  /** How often a request is sent at most when the connection or the service fails; 6 by default. */
  attempts?: number
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
  call: Call
}

/** @throws CutroomError `client.input_invalid` when `baseUrl` is not an http or https URL. */
export function createClient(options: ClientOptions = {}): Client {
  const { apiKey, fetch, attempts } = options
  const baseUrl = toBaseUrl(options.baseUrl ?? 'http://localhost:8080')
  let loggedIn: string | undefined
  const transport = createTransport({ fetch, attempts })
  const token = async () => loggedIn ?? (typeof apiKey === 'function' ? apiKey() : apiKey)
  const caller = createCaller({ baseUrl, transport, token })
  const { call } = caller
  const uploads = createUploads(call, transport)

  return {
    baseUrl,
    upload: uploads.upload,
    uploads,
    tasks: createTasks(caller, uploads.upload),
    events: (options) => followEvents(caller, options),
    presets: (options) => call('presets', {}, options),
    signup: (body, options) => call('signup', { body }, options),
    async login(body, options) {
      const reply = await call('login', { body }, options)
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
