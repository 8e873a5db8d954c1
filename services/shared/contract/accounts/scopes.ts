import { z } from 'zod'

/** What a caller may do. A session has every scope, an API key those it was created with. */
export const SCOPES = ['tasks:read', 'tasks:write', 'account'] as const

export const Scope = z.enum(SCOPES).meta({
  id: 'Scope',
  description:
    '`tasks:read`: read tasks and uploads, and download outputs. `tasks:write`: create, abort, retry and delete tasks, ' +
    'and create and delete uploads. `account`: read and change the account, its sessions and its API keys.',
})
export type Scope = z.infer<typeof Scope>
