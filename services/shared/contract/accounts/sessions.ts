import { z } from 'zod'

export const RefreshRequest = z
  .strictObject({
    refresh_token: z.string().max(200).meta({
      description: 'The refresh token of the latest reply.',
      example: 'cr_0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11.PfyTRp3JH2oWLe1q0cXzlQ.4nRZ8g1vK0mJtqyTnYwqLQ',
    }),
  })
  .meta({ id: 'RefreshRequest' })

export const Session = z
  .object({
    id: z.uuid(),
    created_at: z.iso.datetime().meta({ description: 'When the account logged in.' }),
    last_used_at: z.iso.datetime().meta({ description: 'To the minute.' }),
    expires_at: z.iso.datetime(),
    address: z.string().nullable().meta({
      description: 'The IP address that last logged in or refreshed.',
      example: '203.0.113.7',
    }),
    user_agent: z.string().nullable().meta({ description: 'The `User-Agent` header of that request.' }),
    refreshable: z.boolean().meta({ description: 'Whether the session has a refresh token.' }),
    current: z.boolean().meta({ description: 'Whether this request belongs to the session.' }),
  })
  .meta({ id: 'Session', description: 'A login that has neither ended nor expired.' })

export const SessionList = z.object({ sessions: z.array(Session) }).meta({ id: 'SessionList' })

export const EndedSessions = z
  .object({ ended: z.int().meta({ description: 'Number of sessions that were ended.' }) })
  .meta({ id: 'EndedSessions' })

export type Session = z.infer<typeof Session>
