import { z } from 'zod'

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

export const AuditQuery = z.object({
  max: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .meta({ description: 'Maximum number of events in the reply.' }),
  page: z.string().max(200).optional().meta({ description: '`next_page` of the previous page.' }),
})

export const AuditPage = z
  .object({
    events: z.array(AuditEvent),
    next_page: z.string().nullable().meta({ description: 'Pass it as `page`. Null on the last page.' }),
  })
  .meta({ id: 'AuditPage' })
