import { z } from 'zod'

const BCRYPT_MAX_BYTES = 72

/** bcrypt silently ignores bytes after the 72nd and everything after a NUL, so such passwords are rejected. */
const NewPassword = z
  .string()
  .min(8)
  .refine((text) => Buffer.byteLength(text) <= BCRYPT_MAX_BYTES, { error: 'must be at most 72 bytes long' })
  .refine((text) => !text.includes('\0'), { error: 'must not contain NUL characters' })
  .meta({ description: 'At least 8 characters and at most 72 bytes.', example: 'correct horse battery' })

const Email = z.email().max(254).meta({ example: 'ada@example.org' })

export const SignupRequest = z
  .strictObject({
    username: z
      .string()
      .trim()
      .min(3)
      .max(40)
      .regex(/^[\p{L}\p{N}._-]+$/u, { error: 'may contain only letters, digits, `.`, `_` and `-`' })
      .meta({ description: '3 to 40 letters, digits, `.`, `_` or `-`.', example: 'ada' }),
    email: Email,
    password: NewPassword,
    password_2: z
      .string()
      .meta({ description: 'The same password again.', example: 'correct horse battery' }),
  })
  .refine((body) => body.password === body.password_2, {
    error: 'must match password',
    path: ['password_2'],
  })
  .meta({ id: 'SignupRequest' })

export const LoginRequest = z
  .strictObject({
    email: Email,
    password: z.string().max(1024).meta({ example: 'correct horse battery' }),
    refresh: z.boolean().optional().meta({
      description: 'Return a short-lived token and a refresh token in place of one that lasts for hours.',
    }),
  })
  .meta({ id: 'LoginRequest' })

export const User = z
  .object({
    id: z.uuid(),
    username: z.string().meta({ example: 'ada' }),
    email: z.string().meta({ example: 'ada@example.org' }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'User', description: 'An account.' })

export const Token = z
  .object({
    token: z.string().meta({ description: 'A JWT. Send it as `Authorization: Bearer <token>`.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Lifetime of the token, in seconds.', example: 43_200 }),
    refresh_token: z.string().optional().meta({
      description: 'For `POST /auth/refresh`, once. Only in replies to those who asked for it.',
    }),
  })
  .meta({ id: 'Token' })

export type SignupRequest = z.infer<typeof SignupRequest>
export type LoginRequest = z.infer<typeof LoginRequest>
export type User = z.infer<typeof User>
export type Token = z.infer<typeof Token>
