import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { BUILD, expireLeases, openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import type { Claim } from '../rows.ts'

let t: TestTasks
let userId: string
beforeAll(async () => {
  t = await openTestTasks()
})
afterAll(() => t.close())
beforeEach(async () => {
  userId = await t.reset()
})

const error = { code: 'media.failed', message: 'it broke' }
const prefixOf = ({ taskId, jobId, attempt }: Claim) => `tasks/${taskId}/${jobId}-${attempt}/`

/** An expanded task with two chunks and the audio claimed, and the first chunk completed. */
async function halfDone() {
  const { taskId, render } = await t.addExpandedTask(userId)
  const [done, held, audio] = [await t.claim(), await t.claim(), await t.claim()]
  await t.jobs.complete(done, { key: 'a' })
  return { taskId, render, done, held, audio }
}
/** What a sweep cleans up when this many hours have passed; as the sweep does, forgets it afterwards. */
async function sweepAfter(hours: number): Promise<string[]> {
  await t.database.query("UPDATE orphaned_objects SET clean_after = clean_after - $1 * interval '1 hour'", [
    hours,
  ])
  const prefixes = await t.sweeps.claimOrphanedPrefixes(100)
  await t.sweeps.forgetOrphanedPrefixes(prefixes)
  return prefixes
}
const statusesOf = async (taskId: string) =>
  (
    await t.database.query<{ job: string }>(
      "SELECT kind || ' ' || status AS job FROM jobs WHERE task_id = $1 AND kind <> 'render' ORDER BY created_at",
      [taskId],
    )
  ).map(({ job }) => job)

test('the objects of a completed job are kept while its task is active', async () => {
  await halfDone()
  expect(await sweepAfter(1000)).toEqual([])
})

test('so are those of the render that divided it: copies of sources, for a retry as well', async () => {
  const { taskId, render, held } = await halfDone()
  await t.jobs.fail(held, error, { usedUp: true })
  await t.tasks.retry(userId, taskId)
  expect(await sweepAfter(1000)).not.toContain(prefixOf(render))
})

test('when the task has succeeded they are cleaned up, and its outputs are not', async () => {
  const { done, held, audio, render } = await halfDone()
  for (const claim of [held, audio]) await t.jobs.complete(claim, {})
  await t.jobs.finish(await t.claim(), { sources: undefined, outputs: [] })
  expect((await sweepAfter(0)).sort()).toEqual([render, done, held, audio].map(prefixOf).sort())
  expect(await t.database.query('SELECT prefix FROM orphaned_objects')).toEqual([])
})

test('after a failure they are kept for a retry, which repeats only what is missing', async () => {
  const { taskId, held, audio, done } = await halfDone()
  await t.jobs.fail(held, error, { usedUp: true })
  expect(await sweepAfter(23)).not.toContain(prefixOf(done))
  const retried = await t.tasks.retry(userId, taskId)
  expect(retried).toMatchObject({ jobId: held.jobId, row: { status: 'running', error: null, progress: 40 } })
  expect(await statusesOf(taskId)).toEqual([
    'chunk succeeded',
    'chunk queued',
    'audio queued',
    'stitch queued',
  ])
  expect(await sweepAfter(1000)).not.toContain(prefixOf(done))
  expect(await t.claim()).toMatchObject({ jobId: held.jobId, attempt: 2, failures: 0 })
  const again = await t.claim()
  expect(again).toMatchObject({ jobId: audio.jobId, attempt: 2 })
  const result = await t.jobs.claim(userId, BUILD)
  expect(result.kind).toBe('unknown')
  await t.jobs.complete(again, {})
  expect((await t.jobs.results(taskId)).map(({ kind }) => kind)).toEqual(['chunk', 'audio'])
})

test('a retry after they were cleaned up repeats the jobs', async () => {
  const { taskId, held, done } = await halfDone()
  await t.jobs.fail(held, error, { usedUp: true })
  expect(await sweepAfter(25)).toContain(prefixOf(done))
  await t.tasks.retry(userId, taskId)
  expect(await statusesOf(taskId)).toEqual(['chunk queued', 'chunk queued', 'audio queued', 'stitch queued'])
  expect((await t.tasks.find(userId, taskId))?.progress).toBe(0)
  const claims = [await t.claim(), await t.claim(), await t.claim()]
  for (const claim of claims) await t.jobs.complete(claim, {})
  expect((await t.claim()).kind).toBe('stitch')
})

test('a retry while a sweep removes them repeats the jobs', async () => {
  const { taskId, held, done } = await halfDone()
  await t.jobs.fail(held, error, { usedUp: true })
  await t.database.query("UPDATE orphaned_objects SET clean_after = now() - interval '1 hour'")
  expect(await t.sweeps.claimOrphanedPrefixes(100)).toContain(prefixOf(done))
  await t.tasks.retry(userId, taskId)
  expect(await statusesOf(taskId)).toEqual(['chunk queued', 'chunk queued', 'audio queued', 'stitch queued'])
})

test('a retry of a task whose stitch failed runs only the stitch', async () => {
  const { taskId, held, audio } = await halfDone()
  for (const claim of [held, audio]) await t.jobs.complete(claim, {})
  const stitch = await t.claim()
  await t.jobs.fail(stitch, error, { usedUp: true })
  expect(await t.tasks.retry(userId, taskId)).toMatchObject({ jobId: stitch.jobId })
  expect(await t.claim()).toMatchObject({ jobId: stitch.jobId, attempt: 2 })
})

test('a retry after a source has changed plans the task anew', async () => {
  const { taskId, render, done, held } = await halfDone()
  await t.jobs.fail(held, { code: 'source.changed', message: 'Source 1 changed.' }, { usedUp: false })
  const retried = await t.tasks.retry(userId, taskId)
  expect(retried).toMatchObject({ jobId: render.jobId, row: { status: 'queued', error: null, progress: 0 } })
  expect(await t.database.query('SELECT plan, expanded_at FROM tasks')).toEqual([
    { plan: null, expanded_at: null },
  ])
  const [event] = await t.database.query('SELECT type, data FROM events ORDER BY sequence DESC LIMIT 1')
  expect(event).toMatchObject({ data: { status: 'queued', error: null, finished_at: null } })
  expect(await t.claim()).toMatchObject({ jobId: render.jobId, kind: 'render', attempt: 2, failures: 0 })
  expect((await sweepAfter(0)).sort()).toEqual([render, done].map(prefixOf).sort())
})

test('an abort releases them at once, and what was being written after the grace period', async () => {
  const { taskId, render, done, held, audio } = await halfDone()
  await t.tasks.abort(userId, taskId)
  expect((await sweepAfter(0)).sort()).toEqual([render, done].map(prefixOf).sort())
  expect(await sweepAfter(1)).toEqual(expect.arrayContaining([held, audio].map(prefixOf)))
})

test('a removal releases them at once, with everything below the task', async () => {
  const { taskId, render, done, held } = await halfDone()
  await t.jobs.fail(held, error, { usedUp: false })
  expect(await t.tasks.remove(userId, taskId)).toEqual([])
  expect((await sweepAfter(0)).sort()).toEqual([`tasks/${taskId}/`, ...[render, done].map(prefixOf)].sort())
})

test('replanning releases them at once, and what was being written after the grace period', async () => {
  const { render, done, held, audio } = await halfDone()
  await t.jobs.replan(held)
  expect((await sweepAfter(0)).sort()).toEqual([render, done].map(prefixOf).sort())
  expect(await sweepAfter(1)).toEqual(expect.arrayContaining([held, audio].map(prefixOf)))
})

test('an attempt that was lost is cleaned up while the one that completed is kept', async () => {
  await t.addExpandedTask(userId)
  const lost = await t.claim()
  await expireLeases(t.database)
  await t.sweeps.requeueExpired(10)
  const again = await t.claim()
  await t.jobs.complete(again, {})
  const cleaned = await sweepAfter(1)
  expect(cleaned).toContain(prefixOf(lost))
  expect(cleaned).not.toContain(prefixOf(again))
})

test('a failed task that is removed and retried at the same moment is either gone or queued', async () => {
  for (let round = 0; round < 20; round++) {
    const { taskId, held } = await halfDone()
    await t.jobs.fail(held, error, { usedUp: true })
    const [retried, removed] = await Promise.all([
      t.tasks.retry(userId, taskId),
      t.tasks.remove(userId, taskId),
    ])
    expect(retried === undefined).toBe(removed !== undefined)
    if (retried) await t.tasks.abort(userId, taskId)
  }
}, 30_000)
