import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { buffer, json } from 'node:stream/consumers'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { Problem } from '#shared/contract/problem.ts'
import { Task } from '#shared/contract/tasks.ts'
import { heldMegabytes } from '#shared/storage/testing/contract-kit.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb({ env: { UPLOAD_MAX_BYTES: '62000000' } })
  ada = await web.signUp()
})
afterEach(() => {
  jest.restoreAllMocks()
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const post = () => web.agent.post('/tasks').set('Authorization', web.bearer(ada))
const rawForm = (body: string, boundary = 'edge') =>
  post().set('Content-Type', `multipart/form-data; boundary=${boundary}`).send(body.replaceAll('\n', '\r\n'))
const part = (disposition: string, text = 'bytes', type = 'video/mp4') =>
  `--edge\nContent-Disposition: form-data; ${disposition}\nContent-Type: ${type}\n\n${text}\n`

/** The beginning of a file part, up to its content. */
const fileHead = part('name="file"; filename="long.mp4"', '').slice(0, -1)

const WRONG_FIELDS: [name: string, fields: string[], paths: string[]][] = [
  ['a recipe that is not JSON', [part('name="recipe"', '{"output":')], ['recipe']],
  ['a recipe that is no object', [part('name="recipe"', '"reel"')], ['recipe']],
  ['a wrong field in its recipe', [part('name="recipe"', '{"output":{"crf":52}}')], ['recipe.output.crf']],
  [
    'sources in its recipe',
    [part('name="recipe"', '{"sources":[{"url":"https://example.com/a.mp4"}]}')],
    ['recipe.sources'],
  ],
  ['a preset and a recipe', [part('name="preset"', 'mp3'), part('name="recipe"', '{}')], ['preset']],
  [
    'text that Postgres cannot store',
    [part('name="notify"', '{"webhook":"https://example.com/\\u0000"}')],
    ['notify.webhook'],
  ],
]

/** Sends the beginning of a form and then megabytes of zeros, until the reply arrives. */
async function sendUntilReply(head: string, megabytes: number) {
  // Caches the token: no bytes pile up while the account is looked up.
  await web.agent.get('/auth/me').set('Authorization', web.bearer(ada)).expect(200)
  const sending = request(`${web.url}/tasks`, {
    method: 'POST',
    headers: { Authorization: web.bearer(ada), 'Content-Type': 'multipart/form-data; boundary=edge' },
  })
  sending.on('error', () => {})
  const replied: Promise<[IncomingMessage]> = once(sending, 'response') as never
  const reply = replied.then(([response]) => response)
  let isReplied = false
  reply.finally(() => {
    isReplied = true
  })
  sending.write(head.replaceAll('\n', '\r\n'))
  const piece = Buffer.alloc(64 * 1024)
  let sentBytes = 0
  while (!isReplied && sentBytes < megabytes * 1_000_000) {
    sentBytes += piece.length
    if (!sending.write(piece)) await Promise.race([once(sending, 'drain'), reply])
    // As fast as a line of 100 Mbit/s: a client on the loopback interface fills the kernel's buffers with megabytes that nobody
    // reads while the limits are checked.
    await setTimeout(5)
  }
  const response = await reply
  const problem = Problem.parse(await json(response))
  sending.destroy()
  return { status: response.statusCode, problem, sentBytes }
}

async function keptFiles() {
  const keys: string[] = []
  for await (const { key } of web.storage.list('uploads/')) keys.push(key)
  const rows = await web.database.query<{ object_key: string }>('SELECT object_key FROM uploads')
  expect(rows.map((row) => row.object_key).sort()).toEqual(keys.sort())
  return keys
}
async function uploadOf(task: Task) {
  const id = task.recipe.sources[0]?.upload_id
  const [row] = await web.database.query<{ filename: string; content_type: string; object_key: string }>(
    'SELECT filename, content_type, object_key FROM uploads WHERE id = $1',
    [id],
  )
  if (!row) throw new Error(`Task ${task.id} has no upload as its source.`)
  return row
}

describe('a form', () => {
  test('with a file creates a task', async () => {
    const bytes = randomBytes(300_000)
    const reply = await post()
      .field('preset', 'mp3')
      .attach('file', bytes, { filename: 'a.mp4', contentType: 'video/mp4' })
    const task = expectReply(createTask, reply, 202)
    expect(task.preset).toBe('mp3')
    const { object_key, ...about } = await uploadOf(task)
    expect(about).toEqual({ filename: 'a.mp4', content_type: 'video/mp4' })
    expect(await buffer(await web.storage.read(object_key))).toEqual(bytes)
  })

  test('can have its fields after the file', async () => {
    const reply = await post().attach('file', Buffer.from('x'), 'a.mp4').field('preset', 'convert')
    expect(expectReply(createTask, reply, 202).preset).toBe('convert')
  })

  test.each(['before', 'after'])('with a recipe %s the file renders that recipe', async (order) => {
    const recipe = { audio: 'mute', frame: { width: 320, height: 180 }, output: { format: 'webm' } }
    const text = part('name="recipe"', JSON.stringify(recipe), 'application/json')
    const file = part('name="file"; filename="a.mp4"')
    const parts = order === 'before' ? [text, file] : [file, text]
    const task = expectReply(createTask, await rawForm(`${parts.join('')}--edge--\n`), 202)
    expect(task.preset).toBeNull()
    expect(task.recipe).toMatchObject(recipe)
    expect(task.recipe.sources).toEqual([{ upload_id: expect.any(String) }])
    expect((await uploadOf(task)).filename).toBe('a.mp4')
  })

  test('of type application/octet-stream needs no file name', async () => {
    const form = `${part('name="file"', 'bytes', 'application/octet-stream')}--edge--\n`
    const task = expectReply(createTask, await rawForm(form), 202)
    expect((await uploadOf(task)).filename).toBe('upload')
  })

  test('of 60 MB is not held in memory', async () => {
    const before = heldMegabytes()
    const piece = randomBytes(1_000_000)
    const sending = request(`${web.url}/tasks`, {
      method: 'POST',
      headers: {
        Authorization: web.bearer(ada),
        'Content-Type': 'multipart/form-data; boundary=edge',
        'Transfer-Encoding': 'chunked',
      },
    })
    const replied = once(sending, 'response')
    sending.write(part('name="file"; filename="long.mp4"', '').replaceAll('\n', '\r\n').slice(0, -2))
    let maxHeldMegabytes = 0
    for (let i = 0; i < 60; i++) {
      if (!sending.write(piece)) await once(sending, 'drain')
      if (i % 10 === 9) maxHeldMegabytes = Math.max(maxHeldMegabytes, heldMegabytes() - before)
    }
    sending.end('\r\n--edge--\r\n')
    const [reply] = await replied
    expect(reply.statusCode).toBe(202)
    const { object_key } = await uploadOf(Task.parse(await json(reply)))
    expect(await web.storage.stat(object_key)).toMatchObject({ bytes: 60_000_000 })
    expect(maxHeldMegabytes).toBeLessThan(15)
  }, 30_000)

  test.each([
    ['no file', part('name="preset"', 'reel').concat('--edge--\n'), ['file']],
    ['a file without a name', part('name="file"; filename=""').concat('--edge--\n'), ['file']],
    ['an unknown field', `${part('name="file"; filename="a"')}${part('name="owner"')}--edge--\n`, ['owner']],
    [
      'an unknown preset',
      `${part('name="file"; filename="a"')}${part('name="preset"')}--edge--\n`,
      ['preset'],
    ],
    ['a file under another name', `${part('name="video"; filename="a"')}--edge--\n`, ['video']],
    [
      'two files',
      `${part('name="file"; filename="a"')}${part('name="file"; filename="b"')}--edge--\n`,
      ['form'],
    ],
    [
      'an empty field name',
      `${part('name=""', 'x')}${part('name="file"; filename="a"')}--edge--\n`,
      ['form'],
    ],
    ['a field without a name', `${part('filename="a"')}--edge--\n`, ['form']],
    ['__proto__', `${part('name="file"; filename="a"')}${part('name="__proto__"')}--edge--\n`, ['__proto__']],
    ['nested fields', `${part('name="a[b][c]"')}--edge--\n`, ['a[b][c]']],
    [
      'a field in UTF-7',
      `${part('name="preset"', 'mp3', 'text/plain; charset=utf-7')}${part('name="file"; filename="a"')}--edge--\n`,
      ['preset'],
    ],
    ['eleven fields', `${part('name="preset"', 'reel').repeat(11)}--edge--\n`, ['form']],
    ['the same field twice', `${part('name="preset"', 'reel').repeat(2)}--edge--\n`, ['form']],
    ['a field of 64 KiB', `${part('name="recipe"', ' '.repeat(65_536))}--edge--\n`, ['recipe']],
    ['a recipe as a file', `${part('name="recipe"; filename="recipe.json"', '{}')}--edge--\n`, ['recipe']],
    ...WRONG_FIELDS.flatMap(([name, fields, paths]): [string, string, string[]][] => {
      const file = part('name="file"; filename="a"')
      return [
        [`${name} before the file`, [...fields, file, '--edge--\n'].join(''), paths],
        [`${name} after the file`, [file, ...fields, '--edge--\n'].join(''), paths],
      ]
    }),
  ])('with %s is refused, and leaves nothing behind', async (_, body, paths) => {
    const before = await keptFiles()
    expectFieldErrors(createTask, await rawForm(body), paths)
    expect(await keptFiles()).toEqual(before)
  })

  test.each([
    ['without a boundary', 'multipart/form-data', part('name="file"; filename="a"')],
    [
      'with a boundary that it does not use',
      'multipart/form-data; boundary=other',
      `${part('name="a"')}--edge--\n`,
    ],
    ['with a boundary of 1,000 characters', `multipart/form-data; boundary=${'x'.repeat(1_000)}`, 'x'],
    ['that breaks off', 'multipart/form-data; boundary=edge', part('name="file"; filename="a"')],
    ['with malformed part headers', 'multipart/form-data; boundary=edge', '--edge\n\0\0\n\nx\n--edge--\n'],
  ])('%s is malformed, and leaves nothing behind', async (_, type, body) => {
    const before = await keptFiles()
    const reply = await post().set('Content-Type', type).send(body.replaceAll('\n', '\r\n'))
    expectProblem(createTask, reply, 'request.malformed')
    expect(await keptFiles()).toEqual(before)
  })

  test.each([
    ['an unknown preset before', [part('name="preset"', 'gold'), fileHead], ['preset']],
    ['an unknown field before', [part('name="owner"', 'eve'), fileHead], ['owner']],
    [
      'a wrong recipe before',
      [part('name="recipe"', '{"frame":{"width":641}}'), fileHead],
      ['recipe.frame.width'],
    ],
    [
      'a preset and a recipe before',
      [part('name="preset"', 'mp3'), part('name="recipe"', '{}'), fileHead],
      ['preset'],
    ],
    ['another name for', [fileHead.replace('"file"', '"video"')], ['video']],
  ])('with %s a large file is refused without receiving it', async (_, parts, paths) => {
    const before = await keptFiles()
    const { status, problem, sentBytes } = await sendUntilReply(parts.join(''), 64)
    expect({ status, code: problem.code }).toEqual({ status: 422, code: 'request.invalid' })
    expect(problem.errors?.map(({ path }) => path)).toEqual(paths)
    expect(sentBytes).toBeLessThan(1_000_000)
    expect(await keptFiles()).toEqual(before)
  })

  test('with a second file that is large is refused without receiving it', async () => {
    const before = await keptFiles()
    const head = part('name="file"; filename="a.mp4"') + fileHead
    const { status, problem, sentBytes } = await sendUntilReply(head, 64)
    expect({ status, code: problem.code }).toEqual({ status: 422, code: 'request.invalid' })
    expect(problem.errors?.map(({ path }) => path)).toEqual(['form'])
    // The kernel buffers some megabytes while the first file is removed.
    expect(sentBytes).toBeLessThan(8_000_000)
    expect(await keptFiles()).toEqual(before)
  })

  test('that is too large is refused before its end', async () => {
    const before = await keptFiles()
    const piece = Buffer.alloc(1_000_000)
    const sending = request(`${web.url}/tasks`, {
      method: 'POST',
      headers: { Authorization: web.bearer(ada), 'Content-Type': 'multipart/form-data; boundary=edge' },
    })
    sending.on('error', () => {})
    const replied = once(sending, 'response')
    sending.write(part('name="file"; filename="long.mp4"', '').replaceAll('\n', '\r\n').slice(0, -2))
    // The body is endless: only a reply before its end finishes the loop.
    let refused = false
    replied.then(() => {
      refused = true
    })
    while (!refused) {
      if (!sending.write(piece)) await Promise.race([once(sending, 'drain'), replied])
    }
    const [reply] = await replied
    expect(reply.statusCode).toBe(413)
    expect(await json(reply)).toMatchObject({ code: 'request.too_large' })
    sending.destroy()
    expect(await keptFiles()).toEqual(before)
  }, 30_000)

  test('with a Content-Length above the limit is refused at once', async () => {
    const sending = request(`${web.url}/tasks`, {
      method: 'POST',
      headers: {
        Authorization: web.bearer(ada),
        'Content-Type': 'multipart/form-data; boundary=edge',
        'Content-Length': 80_000_000,
      },
    })
    sending.on('error', () => {})
    sending.write('--edge')
    const [reply] = await once(sending, 'response')
    expect(reply.statusCode).toBe(413)
    sending.destroy()
  })

  test('whose client disconnects leaves nothing behind', async () => {
    const before = await keptFiles()
    const create = jest.spyOn(web.storage, 'create')
    const sending = request(`${web.url}/tasks`, {
      method: 'POST',
      headers: { Authorization: web.bearer(ada), 'Content-Type': 'multipart/form-data; boundary=edge' },
    })
    sending.on('error', () => {})
    sending.write(part('name="file"; filename="a.mp4"', 'x'.repeat(100_000)).replaceAll('\n', '\r\n'))
    while (create.mock.calls.length === 0) await setImmediate()
    const remove = jest.spyOn(web.storage, 'remove')
    sending.destroy()
    await expect(create.mock.results[0]?.value).rejects.toBeInstanceOf(Error)
    while (remove.mock.calls.length === 0) await setImmediate()
    await eventually('nothing is left', 5_000, async () => {
      const rows = await web.database.query('SELECT FROM uploads')
      return rows.length === before.length
    })
    expect(await keptFiles()).toEqual(before)
  })
})

describe('the file name', () => {
  test.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\\\..\\\\boot.ini', 'boot.ini'],
    ['-i.mp4', '-i.mp4'],
    ['a b;rm -rf $(HOME).mp4', 'a b;rm -rf $(HOME).mp4'],
    ['Übung – 練習.mp4', 'Übung – 練習.mp4'],
    ['x'.repeat(400), 'x'.repeat(255)],
  ])('%s is stored as %s and is not part of the storage key', async (sent, kept) => {
    const task = expectReply(
      createTask,
      await rawForm(`${part(`name="file"; filename="${sent}"`)}--edge--\n`),
      202,
    )
    const { filename, object_key } = await uploadOf(task)
    expect(filename).toBe(kept)
    expect(object_key).toMatch(new RegExp(`^uploads/${ada.id}/[0-9a-f-]{36}$`))
  })

  test('with a NUL is stored without it', async () => {
    const reply = await rawForm(`${part(`name="file"; filename*=utf-8''a%00b.mp4`)}--edge--\n`)
    expect((await uploadOf(expectReply(createTask, reply, 202))).filename).toBe('ab.mp4')
  })

  test('comes with a content type that is stored without parameters, if it is valid', async () => {
    for (const [sent, kept] of [
      ['video/mp4', 'video/mp4'],
      ['video/mp4; codecs=avc1', 'video/mp4'],
      ['video/m!p`4', 'application/octet-stream'],
    ]) {
      const form = `${part('name="file"; filename="a"', 'x', sent)}--edge--\n`
      const task = expectReply(createTask, await rawForm(form), 202)
      expect((await uploadOf(task)).content_type).toBe(kept)
    }
  })
})
