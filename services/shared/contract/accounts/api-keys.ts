import { z } from 'zod'
import { Scope } from './scopes.ts'

export const CreateApiKey = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .meta({ description: 'What the key is for.', example: 'render farm' }),
    scopes: z
      .array(Scope)
      .min(1)
      .refine((scopes) => new Set(scopes).size === scopes.length, { error: 'names a scope twice' })
      .meta({ description: 'What the key may do.', example: ['tasks:read', 'tasks:write'] }),
    expires_in: z
      .int()
      .min(60)
      .max(10 * 365 * 86_400)
      .optional()
      .meta({
        description: 'Seconds until the key expires. By default it does not.',
        example: 7_776_000,
      }),
  })
  .meta({ id: 'CreateApiKey' })
export type CreateApiKey = z.infer<typeof CreateApiKey>

export const ApiKey = z
  .object({
    id: z.uuid(),
    name: z.string().meta({ example: 'render farm' }),
    prefix: z.string().meta({ description: 'The first characters of the key.', example: 'ck_Jx3f' }),
    scopes: z.array(Scope),
    created_at: z.iso.datetime(),
    last_used_at: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'To the minute; null before its first use.' }),
    expires_at: z.iso.datetime().nullable().meta({ description: 'Null for a key that does not expire.' }),
  })
  .meta({ id: 'ApiKey', description: 'An API key, without the key itself.' })
export type ApiKey = z.infer<typeof ApiKey>

export const NewApiKey = ApiKey.extend({
  key: z.string().meta({
    description: 'The key. Only its hash is stored, so this is the only reply that contains it.',
    example: 'ck_Jx3fWq0Zr7Yt2nLk8sVbA1cDe5GhUiOpQmX9TzRwEyK',
  }),
}).meta({ id: 'NewApiKey' })

export const ApiKeyList = z.object({ keys: z.array(ApiKey) }).meta({ id: 'ApiKeyList' })
