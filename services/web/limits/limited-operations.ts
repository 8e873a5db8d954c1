import type { Request } from 'express'
import type { OperationId } from '#shared/contract/operations.ts'
import type { LimitName } from './limits.ts'

/** Which limits a request of an operation has to be within, in the order in which they are asked. */
export const LIMITED_OPERATIONS: Partial<Record<OperationId, (req: Request) => LimitName[]>> = {
  signup: () => ['signups'],
  login: () => ['logins'],
  changePassword: () => ['logins'],
  deleteAccount: () => ['logins'],
  verifyEmail: () => ['logins'],
  confirmPasswordReset: () => ['logins'],
  requestVerification: () => ['mailRequests'],
  requestPasswordReset: () => ['mailRequests'],
  createTask: () => ['tasks'],
  retryTask: () => ['tasks'],
}
