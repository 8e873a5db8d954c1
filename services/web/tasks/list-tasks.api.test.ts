import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { listTasks, getTask } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
})
afterAll(() => web.close())

const get = (path: string) => web.agent.get(path).set('Authorization', web.bearer(ada))

/** Task rows of `parts` outputs each, as large as the contract allows everything else to be. */
async function addLargeTasks(count: number, parts: number) {
  const url = `https://example.com/${'x'.repeat(1_900)}`
  const outputs = Array.from({ length: parts }, (_, index) => ({
    name: `${'n'.repeat(60)}-${index}.mp4`,
    content_type: 'video/x-matroska',
    bytes: 123_456_789,
    seconds: 12.345678,
    width: 1920,
    height: 1080,
    key: `tasks/x/${index}`,
  }))
  const recipe = { sources: Array.from({ length: 20 }, () => ({ url })), audio: 'keep' }
  const error = { code: 'task.attempts_used_up', message: 'm'.repeat(5_000), log_tail: 'l'.repeat(5_000) }
  await web.database.query(
    `INSERT INTO tasks (user_id, preset, recipe, outputs, error, status, notifies)
     SELECT $1, 'parts', $2, $3, $4, 'failed', true FROM generate_series(1, $5::int)`,
    [ada.id, JSON.stringify(recipe), JSON.stringify(outputs), JSON.stringify(error), count],
  )
}

describe('a page of 100 tasks of 500 parts', () => {
  beforeAll(() => addLargeTasks(100, 500))

  test('is smaller than 200 kB', async () => {
    const reply = await get('/tasks?max=100')
    const { tasks } = expectReply(listTasks, reply, 200)
    expect(tasks).toHaveLength(100)
    expect(Buffer.byteLength(reply.text)).toBeLessThan(200_000)
  })

  test('shows the first outputs of each task and how many there are', async () => {
    const { tasks } = expectReply(listTasks, await get('/tasks?max=4&order=1'), 200)
    expect(tasks).toHaveLength(4)
    const [first] = tasks
    expect(first).toMatchObject({ status: 'failed', progress: 0, output_count: 500 })
    expect(first?.outputs.map(({ name }) => name.slice(-6))).toEqual(['-0.mp4', '-1.mp4', '-2.mp4'])
    expect(first?.error?.message).toMatch(/^m{300}…$/)
    for (const field of ['recipe', 'sources', 'failures']) expect(first).not.toHaveProperty(field)
  })

  test('leaves a single task whole', async () => {
    const [first] = expectReply(listTasks, await get('/tasks?max=1'), 200).tasks
    const task = expectReply(getTask, await get(`/tasks/${first?.id}`), 200)
    expect(task.outputs).toHaveLength(500)
    expect(task.recipe.sources).toHaveLength(20)
    expect(task.error?.log_tail).toHaveLength(5_000)
  })
})
