import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  BUILD,
  expireLeases,
  openTestTasks,
  SEALING_KEYS,
  settings,
  type TestTasks,
} from '#test/task-fixtures.ts'
import { accountMailRepository } from '../accounts/account-mail-repository.ts'
import { accountMaintenance } from '../accounts/account-maintenance.ts'
import { silentLogger } from '../observability/logger.ts'
import { createPostgresQueue } from '../queue/postgres.ts'
import { jobRepository } from '../tasks/job-repository.ts'
import { notificationRepository } from '../tasks/notification-repository.ts'
import { sourceHeadersReader } from '../tasks/source-headers.ts'
import { sweepRepository } from '../tasks/sweep-repository.ts'
import { uploadRepository } from '../uploads/upload-repository.ts'
import { dueDeliveries } from '../webhooks/due-deliveries.ts'
import { endpointRepository } from '../webhooks/endpoint-repository.ts'
import { type Database, openDatabase } from './database.ts'
import { grantStatements } from './privileges.ts'
import { listenForTaskChanges } from './task-change-listener.ts'

const role = `batch_${randomUUID().replaceAll('-', '')}`
let t: TestTasks
let batch: Database
beforeAll(async () => {
  t = await openTestTasks()
  await t.database.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`)
  await t.database.transaction(async (query) => {
    for (const statement of grantStatements(role, 'batch')) await query(statement)
  })
  const url = new URL(t.url)
  url.username = role
  url.password = role
  batch = await openDatabase({ url: url.href, poolMax: 4, cloudSql: undefined }, silentLogger)
})
afterAll(async () => {
  await batch?.close()
  await t.database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  await t.close()
})

const refused = { message: expect.stringMatching(/^permission denied/) }

test.each([
  ['the hashes of passwords', 'SELECT password_hash FROM users'],
  ['all of an account', 'SELECT * FROM users'],
  ['the replies that idempotency keys hold', 'SELECT reply FROM idempotency_keys'],
  ['the hashes of passwords of accounts to come', 'SELECT password_hash FROM account_mails'],
  ['the hashes of refresh tokens', 'SELECT refresh_hash FROM sessions'],
  ['the hashes of API keys', 'SELECT key_hash FROM api_keys'],
  ['the history of migrations', 'SELECT * FROM _prisma_migrations'],
])('batch cannot read %s', async (_, statement) => {
  await expect(batch.query(statement)).rejects.toMatchObject(refused)
})

test.each([
  ['the e-mail address of an account', "UPDATE users SET email = 'mallory@example.org'"],
  ['whose a task is', 'UPDATE tasks SET user_id = id'],
  ['what a task was asked for', "UPDATE tasks SET recipe = '{}'"],
  ['the hashes of passwords', "UPDATE users SET password_hash = ''"],
  ['when a session expires', "UPDATE sessions SET expires_at = 'infinity'"],
  ['where events are sent to', "UPDATE webhook_endpoints SET url = ''"],
  ['what an audit event says', 'UPDATE audit_events SET session_id = id'],
  ['the tables', 'CREATE TABLE mine ()'],
])('batch cannot change %s', async (_, statement) => {
  await expect(batch.query(statement)).rejects.toMatchObject(refused)
})

test('batch can do all that its work takes', async () => {
  const userId = await t.reset()
  const jobs = jobRepository(batch, settings)
  const sweeps = sweepRepository(batch, settings)
  const uploads = uploadRepository(batch, { retentionDays: 1 })
  const notifications = notificationRepository(batch, { leaseMs: 1000 })
  const error = { code: 'media.failed', message: 'it broke' }
  const claim = async () => {
    const result = await jobs.claim(userId, BUILD)
    if (result.kind !== 'claimed') throw new Error(`No job to claim: ${result.kind}.`)
    return result.claim
  }

  // A whole task, with a webhook.
  const hook = { webhook: 'https://example.org/hook' }
  const { taskId } = await t.addTask(userId, hook)
  const first = await claim()
  expect(await jobs.heartbeat(first, 10)).toBe(true)
  expect(await jobs.retry(first, error, { delayMs: 0, counts: true })).toBe(true)
  expect(await jobs.giveBack(await claim())).toBe(true)
  const output = { name: 'a.mp4', content_type: 'video/mp4', bytes: 3, key: 'tasks/a' }
  expect(await jobs.finish(await claim(), { sources: [], outputs: [output] })).toBe(true)
  const due = await notifications.claimDue(10)
  expect(due).toMatchObject([{ taskId, target: hook.webhook }])
  for (const one of due) {
    await notifications.postpone(one, 'source.unavailable', 1)
    await notifications.giveUp(one, 'source.unavailable')
    await notifications.delivered(one)
  }

  // Webhook endpoints of the account.
  const endpoints = endpointRepository(t.database)
  const endpoint = await endpoints.create(await t.addCaller(userId), {
    url: 'https://example.com/hook',
    types: ['task.created'],
    description: '',
  })
  const deliveries = dueDeliveries(batch, { leaseMs: 1000 })
  await endpoints.test(userId, endpoint.id)
  const [delivery] = await deliveries.claimDue(10)
  if (!delivery) throw new Error('No delivery was claimed.')
  await deliveries.replied(delivery, 410)
  await deliveries.postpone(delivery, 'notify.failed', 1)
  await deliveries.delivered(delivery)
  await deliveries.giveUp(delivery, 'notify.rejected')

  // One that is divided, planned anew, and fails.
  await t.addTask(userId)
  const part = (kind: 'chunk' | 'stitch', unblocks: number | null) => ({
    kind,
    params: {},
    weight: 1,
    unblocks,
  })
  const expansion = { sources: [], plan: {}, build: BUILD, jobs: [part('chunk', 1), part('stitch', null)] }
  await jobs.expand(await claim(), expansion)
  expect(await jobs.replan(await claim())).toBe(true)
  await jobs.expand(await claim(), expansion)
  const chunk = await claim()
  expect(await jobs.complete(chunk, {})).toBe(true)
  expect(await jobs.results(chunk.taskId)).toHaveLength(1)
  expect(await jobs.fail(await claim(), error, { usedUp: true })).toBe(true)

  // The sweep, with something of everything to clean up.
  await t.addTask(userId)
  const lost = await claim()
  await expireLeases(t.database)
  expect(await sweeps.requeueExpired(10)).toEqual({ requeued: 1, failed: 0 })
  await t.database.query(
    "UPDATE jobs SET publish_at = now() - interval '1 day', run_after = now() - interval '1 day' WHERE status = 'queued'",
  )
  expect(await sweeps.repairTasks(10)).toBe(0)
  expect(await sweeps.claimLongestWaiting()).toBe(lost.jobId)
  await t.database.query("UPDATE jobs SET publish_at = now() - interval '1 day' WHERE status = 'queued'")
  expect(await sweeps.claimDueForPublish(10)).toEqual([lost.jobId])
  expect(await sweeps.recordDeadLetter(lost.jobId)).toBe('waiting')
  await t.database.query("UPDATE tasks SET finished_at = now() - interval '99 days'")
  expect(await sweeps.expireOutputs(10)).toBe(1)
  await t.database.query("UPDATE orphaned_objects SET clean_after = now() - interval '1 day'")
  await sweeps.forgetOrphanedPrefixes(await sweeps.claimOrphanedPrefixes(100))
  await t.database.query(
    "INSERT INTO idempotency_keys (user_id, key, request_hash, reply, created_at) VALUES ($1, 'k', 'h', '{}', now() - interval '9 days')",
    [userId],
  )
  expect(await sweeps.expireIdempotencyKeys(10)).toBe(1)
  await t.database.query(
    "INSERT INTO source_headers (task_id, sealed, created_at) VALUES ($1, '', now() - interval '99 days')",
    [taskId],
  )
  expect(await sweeps.expireSourceHeaders(10)).toBe(1)

  expect(await sweeps.expireRateLimits(10)).toBe(0)
  await t.database.query("INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() - interval '1 s')", [
    userId,
  ])
  await t.database.query(
    `INSERT INTO api_keys (user_id, name, prefix, key_hash, expires_at)
     VALUES ($1, 'expired', 'ck_', '', now() - interval '1 s')`,
    [userId],
  )
  await t.database.query(
    "INSERT INTO audit_events (user_id, action, created_at) VALUES ($1, 'login', now() - interval '999 days')",
    [userId],
  )
  await t.database.query(
    `INSERT INTO source_links (id, user_id, url, expires_at)
     VALUES (gen_random_uuid(), $1, 'https://example.com', now() - interval '1 s')`,
    [userId],
  )
  expect(await sweeps.expireAccess(10)).toEqual({
    sessions: 1,
    api_keys: 1,
    source_links: 1,
    audit_events: 1,
  })

  await t.database.query("UPDATE events SET created_at = now() - interval '99 days'")
  expect(await sweeps.expireEvents(1)).toBe(1)

  // Accounts: mail about them, and what deleted ones have left.
  const mails = accountMailRepository(batch, { leaseMs: 1000 })
  await t.database.query(
    `INSERT INTO account_mails (kind, user_id, email, email_key, username, due_at)
     VALUES ('password_reset', $1, 'ada@example.org', 'ada@example.org', 'ada', now())`,
    [userId],
  )
  const [mail] = await mails.claimDue(10)
  if (!mail) throw new Error('No mail was claimed.')
  await mails.issueToken(mail)
  await mails.postpone(mail, 'source.unavailable', 1)
  await mails.giveUp(mail, 'source.unavailable')
  await mails.delivered(mail)
  const accounts = accountMaintenance(batch)
  await t.database.query("UPDATE account_mails SET created_at = now() - interval '99 days'")
  expect(await accounts.expireMails(10)).toBe(1)
  const gone = await t.addUser()
  await t.addTask(gone)
  await t.database.query("UPDATE users SET deleted_at = now() - interval '99 days' WHERE id = $1", [gone])
  expect(await accounts.eraseRemains()).toBe(2)

  // Sources, uploads, and what wakes workers.
  const headers = { url: 'https://example.org/a.mp4', headers: { Authorization: 'Bearer x' } }
  const recipe = { sources: [headers] } as never
  await expect(sourceHeadersReader(batch, SEALING_KEYS).reveal({ taskId, recipe })).rejects.toMatchObject({
    code: 'source.headers_expired',
  })
  const id = randomUUID()
  await t.database.query(
    "INSERT INTO uploads (id, user_id, object_key, filename, content_type, expires_at) VALUES ($1, $2, 'u', 'u', 'u', now() - interval '1 day')",
    [id, userId],
  )
  expect(await uploads.find(userId, [id])).toHaveLength(1)
  expect(await uploads.expire(10)).toBe(1)
  await createPostgresQueue(batch).publish('')
  await listenForTaskChanges(batch, silentLogger).close()
}, 20_000)
