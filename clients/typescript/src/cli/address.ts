import { createClient } from '../client.ts'
import { UsageError } from './exit-codes.ts'

/** Where a service that was started locally listens. */
export const DEFAULT_ADDRESS = 'http://localhost:8080'

/** The address as the client uses it, without a slash at the end. @throws UsageError when it is none. */
export function requireAddress(address: string): string {
  try {
    return createClient({ baseUrl: address }).baseUrl
  } catch {
    throw new UsageError(
      `${JSON.stringify(address)} is not the address of a service. Give an http or https URL, such as ${DEFAULT_ADDRESS}.`,
    )
  }
}
