import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '#test/e2e/processes.ts'
import { chunksAndStitch, openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import { silentLogger } from '../observability/logger.ts'
import { listenForTaskChanges, type TaskChange } from './task-change-listener.ts'

let t: TestTasks
beforeAll(async () => {
  t = await openTestTasks()
})
afterAll(() => t.close())

test('tells progress of a task, which other jobs need not know, from its end', async () => {
  const userId = await t.addUser()
  const { taskId } = await t.addExpandedTask(userId, chunksAndStitch(2))
  const chunk = await t.claim()
  const changes: TaskChange[] = []
  const listener = listenForTaskChanges(t.database, silentLogger)
  listener.watch(taskId, (change) => changes.push(change))
  try {
    // A second after the last notification of progress, the next one is due.
    await eventually('the listener to be connected', 10_000, async () => {
      await t.database.query("UPDATE tasks SET notified_at = now() - interval '2 seconds', progress = 0")
      await t.jobs.heartbeat(chunk, 50)
      return changes.length > 0
    })
    expect(new Set(changes)).toEqual(new Set(['progress']))

    await t.tasks.abort(userId, taskId)
    await eventually('the abort to be notified', 10_000, async () => changes.at(-1) === 'state')
  } finally {
    await listener.close()
  }
})
