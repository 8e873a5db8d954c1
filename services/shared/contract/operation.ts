import type { z } from 'zod'

/** How a caller authenticates: not at all, with a user's token, or with the signature inside a link. */
export type Access = 'public' | 'user' | 'link'

export type Operation = {
  id: string
  method: 'get' | 'post' | 'put' | 'delete'
  /** A path template as in OpenAPI: `{name}` is a parameter, `{+name}` one that may contain slashes (RFC 6570). */
  path: string
  summary: string
  /** What a caller needs to know beyond the summary, in Markdown. */
  description?: string
  tag: 'accounts' | 'tasks' | 'uploads' | 'service'
  access: Access
  params?: z.ZodObject
  query?: z.ZodObject
  headers?: z.ZodObject
  body?: z.ZodType
  /** Example bodies by title. */
  examples?: Record<string, unknown>
  /** A multipart form accepted in place of the JSON body. */
  form?: z.ZodObject
  /** Replies by status. `body` is the schema of a JSON reply, or the content type of any other. */
  replies: Record<number, { description: string; body?: z.ZodType | string }>
  /** Error statuses in addition to those that every operation can answer. */
  problems?: number[]
}

/** The groups of operations, in the order of the documentation. */
export const tags = {
  accounts:
    'Sign up, log in, and send the token as `Authorization: Bearer <token>` with every other request.',
  uploads: 'Upload URLs for files that are large or that several tasks use.',
  tasks: 'Create tasks, follow their progress, and download the results.',
  service: 'Presets, the API description, health checks and metrics.',
} as const satisfies Record<Operation['tag'], string>
