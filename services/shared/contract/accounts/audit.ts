import { z } from 'zod'
import { NextPage, pageQuery } from '../paging.ts'

/** Everything that is recorded. A published action keeps its meaning. */
export const AuditAction = z
  .enum([
    'account.created',
    'account.deleted',
    'account.exported',
    'email.verified',
    'key.created',
    'key.revoked',
    'login',
    'login.failed',
    'logout',
    'password.changed',
    'password.reset',
    'session.ended',
    'session.reused',
    'task.deleted',
    'upload.deleted',
    'webhook.changed',
    'webhook.created',
    'webhook.deleted',
    'webhook_secret.replaced',
  ])
  .meta({
    id: 'AuditAction',
    description:
      '`session.reused`: a refresh token was used a second time, which ended its session. More actions may be added.',
  })
export type AuditAction = z.infer<typeof AuditAction>

export const AuditEvent = z
  .object({
    id: z.uuid(),
    action: AuditAction,
    at: z.iso.datetime(),
    address: z
      .string()
      .nullable()
      .meta({ description: 'IP address of the request.', example: '203.0.113.7' }),
    user_agent: z.string().nullable().meta({ description: 'The `User-Agent` header of the request.' }),
    session_id: z.uuid().nullable().meta({ description: 'The session that did it, or that it began.' }),
    key_id: z.uuid().nullable().meta({ description: 'The API key that did it.' }),
    details: z.record(z.string(), z.unknown()).meta({
      description: 'What it was done to, such as the `task_id` of a deleted task.',
    }),
  })
  .meta({ id: 'AuditEvent', description: 'Something that was done with the account.' })
export type AuditEvent = z.infer<typeof AuditEvent>

const { max, page } = pageQuery('events')
export const AuditQuery = z.object({ max, page })

export const AuditPage = z
  .object({
    events: z.array(AuditEvent),
    next_page: NextPage,
  })
  .meta({ id: 'AuditPage' })
