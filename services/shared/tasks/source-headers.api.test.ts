import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openTestTasks, SEALING_KEYS, type TestTasks } from '#test/task-fixtures.ts'
import type { Recipe } from '../contract/recipe.ts'
import { sourceHeadersReader } from './source-headers.ts'

const SECRET = 'Bearer s3cret'
const RECIPE = {
  sources: [
    { url: 'https://example.com/public.mp4' },
    { url: 'https://example.com/private.mp4', headers: { Authorization: SECRET } },
  ],
  output: { format: 'mp4' },
} as unknown as Recipe
const error = { code: 'media.failed', message: 'as the test wants it' }

let t: TestTasks
let userId: string
beforeAll(async () => {
  t = await openTestTasks()
})
afterAll(() => t.close())
beforeEach(async () => {
  userId = await t.reset()
})

const add = async (recipe = RECIPE): Promise<string> =>
  (await t.tasks.create({ userId, preset: null, recipe }, ({ id }) => id)).reply
const stored = () => t.database.query<{ sealed: Buffer }>('SELECT * FROM source_headers')
const reader = (keys = SEALING_KEYS) => sourceHeadersReader(t.database, keys)

describe('the headers of sources', () => {
  test('are stored encrypted, and a worker gets them back', async () => {
    await add()
    const claim = await t.claim()
    expect(claim.recipe.sources[1]).toMatchObject({ headers: { Authorization: '[hidden]' } })
    expect((await reader().reveal(claim)).sources).toEqual(RECIPE.sources)
    // All of the database, as text.
    const rows = await t.database.query(
      `SELECT tasks::text || jobs::text || encode(sealed, 'escape') AS text
       FROM tasks JOIN jobs ON task_id = tasks.id JOIN source_headers USING (task_id)`,
    )
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain('s3cret')
  })

  test('of a source with clips are those of each clip', async () => {
    const [, source = { url: '' }] = RECIPE.sources
    await add({ ...RECIPE, sources: [source], clips: [{ start: 0 }, { start: 5 }] })
    const { recipe, ...claim } = await t.claim()
    const carriedOut = { ...recipe, sources: recipe.sources.flatMap((one) => [one, one]) }
    expect((await reader().reveal({ ...claim, recipe: carriedOut })).sources).toEqual([source, source])
  })

  test('take no row, and no query, when there are none', async () => {
    await t.addTask(userId)
    const claim = await t.claim()
    expect(await stored()).toEqual([])
    const broken = { query: () => Promise.reject(new Error('never')) }
    expect(await sourceHeadersReader(broken, SEALING_KEYS).reveal(claim)).toBe(claim.recipe)
  })

  test('belong to one task', async () => {
    const first = await add()
    const second = await add()
    await t.database.query(
      'UPDATE source_headers SET sealed = (SELECT sealed FROM source_headers WHERE task_id = $1) WHERE task_id = $2',
      [first, second],
    )
    const recipe = (await t.tasks.find(userId, second))?.recipe ?? RECIPE
    await expect(reader().reveal({ taskId: second, recipe })).rejects.toMatchObject({
      code: 'service.wrong_key',
    })
  })

  test.each([
    ['no key', [], 'SECRETS_KEY is not set in batch'],
    ['another key', [randomBytes(32)], 'cannot be decrypted with any key in SECRETS_KEY'],
  ])('cannot be read by a worker with %s, which is not the fault of the task', async (_, keys, message) => {
    await add()
    await expect(reader(keys).reveal(await t.claim())).rejects.toMatchObject({
      code: 'service.wrong_key',
      message: expect.stringContaining(message),
      retry: true,
      uncounted: true,
    })
  })

  test('can be read while the key is replaced', async () => {
    await add()
    const recipe = await reader([randomBytes(32), ...SEALING_KEYS]).reveal(await t.claim())
    expect(recipe.sources).toEqual(RECIPE.sources)
  })

  test.each([
    ['succeeded', async () => t.jobs.finish(await t.claim(), { sources: [], outputs: [] })],
    ['aborted while queued', async (taskId: string) => t.tasks.abort(userId, taskId)],
    [
      'aborted while running',
      async (taskId: string) => {
        await t.claim()
        return t.tasks.abort(userId, taskId)
      },
    ],
    [
      'removed',
      async (taskId: string) => {
        await t.jobs.fail(await t.claim(), error, { usedUp: false })
        return t.tasks.remove(userId, taskId)
      },
    ],
    ['removed with its user', async () => t.database.query('DELETE FROM users')],
  ])('are deleted once the task is %s', async (_, end) => {
    const taskId = await add()
    expect(await stored()).toHaveLength(1)
    expect(await end(taskId)).toBeTruthy()
    expect(await stored()).toEqual([])
  })

  test('are kept between attempts, and when a failed task is retried', async () => {
    const taskId = await add()
    await t.jobs.retry(await t.claim(), error, { delayMs: 0, counts: true })
    await t.jobs.fail(await t.claim(), error, { usedUp: false })
    await t.tasks.retry(userId, taskId)
    expect((await reader().reveal(await t.claim())).sources).toEqual(RECIPE.sources)
  })

  test('are deleted a week after the task failed, and a retry says so', async () => {
    const taskId = await add()
    const age = (column: string, table: string, interval: string) =>
      t.database.query(`UPDATE ${table} SET ${column} = now() - $1::interval`, [interval])
    await age('created_at', 'source_headers', '30 days')
    await t.jobs.fail(await t.claim(), error, { usedUp: false })
    await age('finished_at', 'tasks', '6 days')
    expect(await t.sweeps.expireSourceHeaders(10)).toBe(0)
    await age('finished_at', 'tasks', '8 days')
    expect(await t.sweeps.expireSourceHeaders(10)).toBe(1)
    await t.tasks.retry(userId, taskId)
    await expect(reader().reveal(await t.claim())).rejects.toMatchObject({
      code: 'source.headers_expired',
      retry: false,
    })
  })

  test('are not deleted by the sweep while a task waits or runs, however old it is', async () => {
    await add()
    await add()
    await t.claim()
    await t.database.query("UPDATE source_headers SET created_at = now() - interval '30 days'")
    expect(await t.sweeps.expireSourceHeaders(10)).toBe(0)
  })
})
