import type { Scope } from '#shared/contract/accounts/scopes.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Principal } from './principal.ts'

/** Throws `auth.scope_missing`, with the header of RFC 6750, when an API key may not do what needs this scope. */
export function requireScope({ scopes }: Pick<Principal, 'scopes'>, scope: Scope): void {
  if (scopes.includes(scope)) return
  throw new CutroomError(
    'auth.scope_missing',
    `This API key has the scopes ${scopes.join(', ')}; the operation needs ${scope}. Use a key that has it.`,
    { headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"` } },
  )
}
