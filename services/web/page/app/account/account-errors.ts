import type { Text } from '../i18n/en.ts'

export type Account = { username: string; email: string; password: string }
/** What is wrong, by field: a text of the page's own, or a sentence of the service. */
export type AccountErrors = { [Field in keyof Account]?: Text | (string & {}) }

/** What is missing before anything is sent; the service decides the rest. */
export function accountErrors({ username, email, password }: Account, isNew: boolean): AccountErrors {
  const errors: AccountErrors = {}
  if (isNew && !/^[\p{L}\p{N}._-]{3,40}$/u.test(username.trim())) {
    errors.username = username ? 'field.usernameShort' : 'field.required'
  }
  if (!/^\S+@\S+\.\S+$/.test(email)) errors.email = email ? 'field.email' : 'field.required'
  if (password === '') errors.password = 'field.required'
  else if (isNew && password.length < 8) errors.password = 'field.passwordShort'
  return errors
}
