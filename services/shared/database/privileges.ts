/** A database role of a service. Tables belong to neither: they belong to the user that migrates. */
export type Role = 'web' | 'batch'

export const ROLES = ['web', 'batch'] as const satisfies Role[]

/** What a role may do with a table: all of its columns, or those listed. */
type Privileges = Partial<Record<'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE', true | string[]>>

const ROWS: Privileges = { SELECT: true, INSERT: true, UPDATE: true, DELETE: true }

/**
 * What batch does with each table, and nothing else: it opens files of strangers. Of accounts it reads what notifications
 * need. Tables that are not listed, those of a later version included, are closed to it. A column that may be updated and
 * never is stands for the right to lock rows: `FOR UPDATE` needs one.
 */
const BATCH: Record<string, Privileges> = {
  users: {
    SELECT: ['id', 'username', 'email', 'email_verified_at', 'webhook_secret', 'served_at', 'deleted_at'],
    UPDATE: ['served_at'],
    DELETE: true,
  },
  account_mails: {
    SELECT: [
      ...['id', 'user_id', 'kind', 'email', 'email_key', 'username', 'attempts', 'due_at', 'created_at'],
      ...['token_hash', 'expires_at'],
    ],
    UPDATE: ['attempts', 'due_at', 'delivered_at', 'given_up_at', 'last_error', 'token_hash', 'expires_at'],
    DELETE: true,
  },
  tasks: {
    SELECT: true,
    UPDATE: [
      ...['status', 'attempts', 'failures', 'error', 'progress', 'sources', 'outputs', 'plan'],
      ...['updated_at', 'started_at', 'finished_at', 'expanded_at', 'notified_at'],
    ],
    DELETE: true,
  },
  jobs: ROWS,
  orphaned_objects: ROWS,
  dead_letters: ROWS,
  notifications: { SELECT: true, UPDATE: true },
  source_headers: { SELECT: true, UPDATE: ['created_at'], DELETE: true },
  task_destinations: { SELECT: true, UPDATE: ['created_at'], DELETE: true },
  uploads: { SELECT: true, UPDATE: ['expires_at'], DELETE: true },
  // The sweep deletes what has expired, and what deleted accounts have left.
  sessions: { SELECT: ['id', 'expires_at'], DELETE: true },
  api_keys: { SELECT: ['id', 'expires_at'], DELETE: true },
  source_links: { SELECT: ['id', 'expires_at'], DELETE: true },
  audit_events: { SELECT: ['id', 'user_id', 'action', 'created_at'], DELETE: true },
  events: { SELECT: true, DELETE: true },
  webhook_endpoints: { SELECT: true, UPDATE: ['enabled', 'disabled_reason'] },
  webhook_deliveries: {
    SELECT: true,
    UPDATE: [
      ...['attempts', 'attempted_at', 'due_at', 'delivered_at', 'given_up_at'],
      ...['reply_status', 'last_error'],
    ],
  },
  rate_limits: { SELECT: ['key', 'until'], UPDATE: ['used_at'], DELETE: true },
  idempotency_keys: { SELECT: ['user_id', 'key', 'created_at'], UPDATE: ['created_at'], DELETE: true },
}

/**
 * The statements that give a database user the privileges of a role, and take away all others that it had. They can be
 * repeated; run them in one transaction, so that a service that is running never lacks any.
 */
export function grantStatements(user: string, role: Role): string[] {
  const name = quote(user)
  return [
    `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${name}`,
    `REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM ${name}`,
    `GRANT USAGE ON SCHEMA public TO ${name}`,
    ...(role === 'web' ? webGrants(name) : batchGrants(name)),
  ]
}

const webGrants = (name: string) => [
  `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${name}`,
  `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${name}`,
  // Only the user that migrates records migrations.
  `REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM ${name}`,
]

const batchGrants = (name: string) =>
  Object.entries(BATCH).map(([table, privileges]) => {
    const list = Object.entries(privileges).map(([privilege, columns]) =>
      columns === true ? privilege : `${privilege} (${columns.join(', ')})`,
    )
    return `GRANT ${list.join(', ')} ON ${table} TO ${name}`
  })

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`
