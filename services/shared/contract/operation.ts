import type { z } from 'zod'

/** What is asked of a caller: nothing, a user's token, or a signature inside the link itself. */
export type Access = 'public' | 'user' | 'link'

export type Operation = {
  id: string
  method: 'get' | 'post' | 'put' | 'delete'
  /** As OpenAPI writes it: {name} for a parameter; {+name} may hold slashes (RFC 6570). */
  path: string
  summary: string
  /** What a caller has to know beyond the summary, in Markdown. */
  description?: string
  tag: 'accounts' | 'tasks' | 'uploads' | 'service'
  access: Access
  params?: z.ZodObject
  query?: z.ZodObject
  headers?: z.ZodObject
  body?: z.ZodType
  /** Bodies to try, by the name a person chooses them by. */
  examples?: Record<string, unknown>
  /** A multipart form that may stand in the body's place. */
  form?: z.ZodObject
  /** Status → schema of the JSON reply; a string is the content type of a reply that is no JSON. */
  replies: Record<number, { description: string; body?: z.ZodType | string }>
  /** Statuses of problems beside those that every operation can answer. */
  problems?: number[]
}

/** What the operations are about, in the order in which a person meets them. */
export const tags = {
  accounts: 'Sign up once, log in for a token, and send it as `Authorization: Bearer <token>`.',
  uploads: 'Places for files that are large, or that several tasks share.',
  tasks: 'Hand over a video, follow the work, and fetch what it made.',
  service: 'What the service offers, and how it is.',
} as const satisfies Record<Operation['tag'], string>
