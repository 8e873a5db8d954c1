import type { z } from 'zod'
import type { Scope } from './accounts/scopes.ts'

/** How a caller authenticates: not at all, with a user's token or API key, or with the signature inside a link. */
export type Access = Authentication['access']

/** How an operation answers to an id of which the caller has nothing. */
export type NotFoundCode =
  | 'task.not_found'
  | 'upload.not_found'
  | 'session.not_found'
  | 'key.not_found'
  | 'webhook.not_found'
  | 'delivery.not_found'

type Authentication =
  | {
      access: 'user'
      /** What an API key needs; a session has every scope. */
      scope: Scope
    }
  | { access: 'public' | 'link'; scope?: undefined }

export type Operation = Authentication & {
  id: string
  method: 'get' | 'post' | 'put' | 'delete'
  /** A path template as in OpenAPI: `{name}` is a parameter, `{+name}` one that may contain slashes (RFC 6570). */
  path: string
  summary: string
  /** What a caller needs to know beyond the summary, in Markdown. */
  description?: string
  tag: 'accounts' | 'tasks' | 'events' | 'webhooks' | 'uploads' | 'security' | 'service'
  params?: z.ZodObject
  /** The reply to an `id` that is malformed, unknown or another user's. The default is `task.not_found`. */
  notFound?: NotFoundCode
  query?: z.ZodObject
  headers?: z.ZodObject
  body?: z.ZodType
  /** The body may also come from an HTML form without files (`application/x-www-form-urlencoded`). */
  acceptsForm?: true
  /** Example bodies by title. */
  examples?: Record<string, unknown>
  /** A multipart form accepted in place of the JSON body. */
  form?: z.ZodObject
  /**
   * Replies by status. `body` is the schema of a JSON reply, or the content type of any other. `stream` is the content type that
   * a client can have in place of JSON, by Accept.
   */
  replies: Record<number, { description: string; body?: z.ZodType | string; stream?: 'text/event-stream' }>
  /** The query parameter with which a reply may be held back for long: such a request counts as an event stream. */
  holdsReply?: string
  /** Sent twice, it does something else the second time: clients must not repeat it when a reply was lost. */
  once?: true
  /** Error statuses in addition to those that every operation can answer. */
  problems?: number[]
}

/** The groups of operations, in the order of the documentation. */
export const tags = {
  accounts:
    'Sign up, log in, and send the token as `Authorization: Bearer <token>` with every other request.',
  uploads: 'Upload URLs for files that are large or that several tasks use.',
  tasks: 'Create tasks, follow their progress, and download the results.',
  events: 'What happened to tasks and uploads, as pages or as a stream.',
  webhooks: 'Endpoints that events are sent to, and their deliveries.',
  security: 'API keys for programs, sessions, and a log of what was done with the account.',
  service: 'Presets, the API description, health checks and metrics.',
} as const satisfies Record<Operation['tag'], string>
