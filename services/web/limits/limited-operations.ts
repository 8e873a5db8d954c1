import type { Request } from 'express'
import { isDryRun as asksForDryRun, DryRunQuery } from '#shared/contract/dry-run.ts'
import { type OperationId, operations } from '#shared/contract/operations.ts'
import { isMultipart } from '../http/json-body.ts'
import type { LimitName } from './limits.ts'

/** Which limits a request of an operation has to be within, in the order in which they are asked. */
export const LIMITED_OPERATIONS: Partial<Record<OperationId, (req: Request) => LimitName[]>> = {
  signup: () => ['signups'],
  login: () => ['logins'],
  refresh: () => ['refreshes'],
  changePassword: () => ['logins'],
  deleteAccount: () => ['logins'],
  verifyEmail: () => ['logins'],
  confirmPasswordReset: () => ['logins'],
  requestVerification: () => ['mailRequests'],
  requestPasswordReset: () => ['mailRequests'],
  exportAccount: () => ['exports'],
  createKey: () => ['accountChanges'],
  revokeKey: () => ['accountChanges'],
  endSession: () => ['accountChanges'],
  endOtherSessions: () => ['accountChanges'],
  replaceWebhookSecret: () => ['accountChanges'],
  createWebhook: () => ['accountChanges'],
  replaceWebhook: () => ['accountChanges'],
  deleteWebhook: () => ['accountChanges'],
  rotateWebhookSecret: () => ['accountChanges'],
  testWebhook: () => ['accountChanges'],
  resendDelivery: () => ['accountChanges'],
  resendDeliveries: () => ['accountChanges'],
  createUpload: () => ['uploads'],
  linkSource: () => ['sourceLinks'],
  createTask: (req) => {
    if (isDryRun(req)) return ['dryRuns']
    return isForm(req) ? ['uploads', 'tasks'] : ['tasks']
  },
  createTasks: () => ['taskBatches'],
  retryTask: () => ['tasks'],
}

/** A form brings a file, which becomes an upload. */
const isForm = (req: Request) => isMultipart(operations.createTask, req)

/** An invalid query counts as a task: it is refused once it is parsed. */
function isDryRun(req: Request): boolean {
  const { data } = DryRunQuery.safeParse({ ...req.query })
  return data !== undefined && asksForDryRun(data)
}
