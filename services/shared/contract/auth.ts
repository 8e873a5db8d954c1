import { z } from 'zod'

const bytes = (text: string) => Buffer.byteLength(text)

/** bcrypt reads 72 bytes and stops at a NUL: what it would ignore is refused instead. */
const NewPassword = z
  .string()
  .min(8)
  .refine((text) => bytes(text) <= 72, { error: 'is longer than 72 bytes' })
  .refine((text) => !text.includes('\0'), { error: 'holds a NUL character' })
  .meta({ description: 'At least 8 characters, at most 72 bytes.', example: 'correct horse battery' })

const Email = z.email().max(254).meta({ example: 'ada@example.org' })

export const SignupRequest = z
  .strictObject({
    username: z
      .string()
      .trim()
      .min(3)
      .max(40)
      .regex(/^[\p{L}\p{N}._-]+$/u, { error: 'may hold letters, digits, dot, dash and underscore' })
      .meta({ example: 'ada' }),
    email: Email,
    password: NewPassword,
    password_2: z.string().meta({ description: 'The password once more.', example: 'correct horse battery' }),
  })
  .refine((body) => body.password === body.password_2, {
    error: 'is not the same as password',
    path: ['password_2'],
  })
  .meta({ id: 'SignupRequest' })

export const LoginRequest = z
  .strictObject({ email: Email, password: z.string().max(1024).meta({ example: 'correct horse battery' }) })
  .meta({ id: 'LoginRequest' })

export const User = z
  .object({
    id: z.uuid(),
    username: z.string().meta({ example: 'ada' }),
    email: z.string().meta({ example: 'ada@example.org' }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'User' })

export const Token = z
  .object({
    token: z.string().meta({ description: 'A JWT; send it as Authorization: Bearer.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds.', example: 43_200 }),
  })
  .meta({ id: 'Token' })

export type SignupRequest = z.infer<typeof SignupRequest>
export type LoginRequest = z.infer<typeof LoginRequest>
export type User = z.infer<typeof User>
export type Token = z.infer<typeof Token>
