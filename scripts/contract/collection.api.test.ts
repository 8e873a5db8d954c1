import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestWeb, type TestWeb } from '#test/web-app.ts'
import type { Collection, Item } from './collection.ts'

const FILE = join(import.meta.dirname, '../../docs/cutroom.postman_collection.json')

let web: TestWeb
beforeAll(async () => {
  web = await openTestWeb()
})
afterAll(() => web.close())

test('the collection runs from top to bottom: every request finds what it needs, and is answered as it expects', async () => {
  const { item: folders, variable }: Collection = JSON.parse(await readFile(FILE, 'utf8'))
  const variables = new Map(variable.map(({ key, value }) => [key, value]))
  variables.set('base_url', web.url)

  const said: Record<string, number> = {}
  for (const item of folders.flatMap((folder) => folder.item)) {
    const reply = await send(item, variables)
    runScript(item, reply, variables)
    said[item.id] = reply.code
    // In the place of batch.
    if (item.id === 'createTask') await web.finish(variables.get('task_id') ?? '', { 'output.mp4': 'a clip' })
  }
  expect(said).toMatchObject({
    signup: 201,
    putUpload: 201,
    createTask: 202,
    getOutput: 200,
    deleteTask: 204,
  })
})

type Answer = { code: number; text: string }

/** Sends a request as Postman does, with the collection's variables filled in. */
async function send({ id, request }: Item, variables: Map<string, string>): Promise<Answer> {
  const fill = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_, name) => variables.get(name) ?? '')
  const headers = Object.fromEntries(
    request.header.filter(({ disabled }) => !disabled).map(({ key, value }) => [key, fill(value)]),
  )
  if (!request.auth) headers.Authorization = fill('Bearer {{token}}')
  const body = request.body?.mode === 'file' ? `a video for ${id}` : fill(request.body?.raw ?? '')
  // Links of a test start with an address that nobody listens on.
  const url = fill(addressOf(request.url)).replace(web.config.publicUrl, web.url)
  const reply = await fetch(url, { method: request.method, headers, ...(body && { body }) })
  return { code: reply.status, text: await reply.text() }
}

function addressOf(url: Item['request']['url']): string {
  if (typeof url === 'string') return url
  const values = new Map(url.variable.map(({ key, value }) => [`:${key}`, value]))
  return [...url.host, ...url.path.map((part) => values.get(part) ?? part)].join('/')
}

/** Runs an item's test script with as much of Postman's `pm` as the scripts use. A failed test of it throws. */
function runScript({ id, event = [] }: Item, { code, text }: Answer, variables: Map<string, string>): void {
  const pm = {
    response: { code, json: () => JSON.parse(text) },
    collectionVariables: { set: (name: string, value: string) => variables.set(name, value) },
    test(name: string, check: () => void) {
      try {
        check()
      } catch (error) {
        throw new Error(`${id}: ${name}: ${error instanceof Error ? error.message : error}: ${text}`)
      }
    },
  }
  for (const { script } of event) runInNewContext(script.exec.join('\n'), { pm })
}
