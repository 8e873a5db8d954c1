import { z } from 'zod'
import { Email, NewPassword, Password, User } from '../auth.ts'
import { Task } from '../tasks.ts'
import { Webhook } from '../webhooks/endpoints.ts'
import { ApiKey } from './api-keys.ts'
import { AuditEvent } from './audit.ts'
import { Session } from './sessions.ts'

const LinkToken = z
  .string()
  .regex(/^[\w-]{43}$/, { error: 'must be the token from the e-mail' })
  .meta({ description: 'The token from the e-mail.', example: 'h0pXjVYlWkz3yT6oS9dQm1rE8uNcB5aLfGiK2vJxZ4w' })

export const LinkQuery = z.object({ token: LinkToken }).meta({ id: 'LinkQuery' })

export const EmailRequest = z.strictObject({ email: Email }).meta({ id: 'EmailRequest' })

export const VerifyRequest = z.strictObject({ token: LinkToken }).meta({ id: 'VerifyRequest' })

export const ResetRequest = z
  .strictObject({ token: LinkToken, new_password: NewPassword })
  .meta({ id: 'ResetRequest' })

export const PasswordChange = z
  .strictObject({ current_password: Password, new_password: NewPassword })
  .meta({ id: 'PasswordChange' })

export const DeleteAccount = z.strictObject({ password: Password }).meta({ id: 'DeleteAccount' })

/** Reply to a request for an e-mail: the same whether there is an account or not. */
export const MailRequested = z
  .object({ email: z.string().meta({ example: 'ada@example.org' }), status: z.literal('mail_requested') })
  .meta({
    id: 'MailRequested',
    description: 'An e-mail is sent to the address if there is a reason to. The reply is always the same.',
  })

const ExportedUpload = z.object({
  id: z.uuid(),
  filename: z.string(),
  content_type: z.string(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
})

/** Everything that is stored about a user. */
export const AccountExport = z
  .object({
    account: User.extend({ webhook_secret_set: z.boolean() }),
    sessions: z.array(Session),
    keys: z.array(ApiKey),
    webhooks: z.array(Webhook),
    uploads: z.array(ExportedUpload),
    tasks: z.array(Task),
    audit_events: z.array(AuditEvent),
  })
  .meta({
    id: 'AccountExport',
    description:
      'Everything that is stored about the account, without secrets. Files are not included: download outputs by their URLs.',
  })

export type ResetRequest = z.infer<typeof ResetRequest>
export type PasswordChange = z.infer<typeof PasswordChange>
export type AccountExport = z.infer<typeof AccountExport>
