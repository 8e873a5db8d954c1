import type { Operation } from './operation.ts'
import { lifecycleOperations } from './operations/account-lifecycle.ts'
import { accountOperations } from './operations/accounts.ts'
import { eventOperations } from './operations/events.ts'
import { inspectOperations } from './operations/inspect.ts'
import { securityOperations } from './operations/security.ts'
import { serviceOperations } from './operations/service.ts'
import { taskOperations } from './operations/tasks.ts'
import { uploadOperations } from './operations/uploads.ts'
import { webhookOperations } from './operations/webhooks.ts'

export { type Operation, tags } from './operation.ts'

/** Every operation of the REST API. Routes, validation, documents and tests are all derived from this table. */
export const operations = {
  ...accountOperations,
  ...lifecycleOperations,
  ...taskOperations,
  ...eventOperations,
  ...uploadOperations,
  ...inspectOperations,
  ...securityOperations,
  ...serviceOperations,
  ...webhookOperations,
} as const satisfies Record<string, Operation>

export type OperationId = keyof typeof operations
