import { z } from 'zod'
import { NewUsername } from './accounts/usernames.ts'

/** A password as it is compared: compositions and widths of the same characters are one password. */
const normalized = (password: string) => password.normalize('NFKC')
const lengthOf = (password: string) => [...normalized(password)].length

const MIN_LENGTH = 8
const MAX_LENGTH = 256

/** The service's policy, which is not part of the contract, may want more. */
export const NewPassword = z
  .string()
  .refine((text) => lengthOf(text) >= MIN_LENGTH, { error: `must have at least ${MIN_LENGTH} characters` })
  .refine((text) => lengthOf(text) <= MAX_LENGTH, { error: `must have at most ${MAX_LENGTH} characters` })
  .meta({
    minLength: MIN_LENGTH,
    description:
      `${MIN_LENGTH} to ${MAX_LENGTH} characters (code points in NFKC) and not one of the commonest passwords. The service may ` +
      'require 15 characters, and refuse names that belong to the account.',
    example: 'correct horse battery',
  })

/** A password to log in with, maybe of an account of an earlier version. */
export const Password = z.string().max(1024).meta({ example: 'correct horse battery' })

export const Email = z.email().max(254).meta({ example: 'ada@example.org' })

export const SignupRequest = z
  .strictObject({
    username: NewUsername,
    email: Email,
    password: NewPassword,
    password_2: z
      .string()
      .meta({ description: 'The same password again.', example: 'correct horse battery' }),
  })
  .refine((body) => normalized(body.password) === normalized(body.password_2), {
    error: 'must match password',
    path: ['password_2'],
  })
  .meta({ id: 'SignupRequest' })

export const LoginRequest = z
  .strictObject({
    email: Email,
    password: Password,
    refresh: z.boolean().optional().meta({
      description: 'Return a short-lived token and a refresh token in place of one that lasts for hours.',
    }),
  })
  .meta({ id: 'LoginRequest' })

/** Reply to a sign-up where addresses must be verified. */
export const SignupPending = z
  .object({
    email: z.string().meta({ example: 'ada@example.org' }),
    status: z.literal('verification_required'),
  })
  .meta({
    id: 'SignupPending',
    description: 'The account is created when the link in the e-mail to the address is opened.',
  })

export const User = z
  .object({
    id: z.uuid(),
    username: z.string().meta({ example: 'ada' }),
    email: z.string().meta({ example: 'ada@example.org' }),
    email_verified: z
      .boolean()
      .meta({ description: 'Whether the owner has proved to receive mail at the address.' }),
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
export type SignupPending = z.infer<typeof SignupPending>
export type User = z.infer<typeof User>
export type Token = z.infer<typeof Token>
