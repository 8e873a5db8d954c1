import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestWeb, type TestWeb } from '#test/web-app.ts'
import type { Collection, Item } from './collection.ts'

const FILE = join(import.meta.dirname, '../../docs/cutroom.postman_collection.json')

let batch: Server
let web: TestWeb
beforeAll(async () => {
  // Stands in for batch where it inspects uploads.
  batch = createServer(async (req, res) => {
    const { what } = JSON.parse(await text(req))
    const found = what === 'waveform' ? { peaks_per_second: 50, peaks: [0, 128, 255] } : { times: [0, 1.5] }
    res.writeHead(200, { 'content-type': 'application/json' })
    res.end(JSON.stringify({ duration: 2, covered_seconds: 2, complete: true, ...found }))
  })
  batch.listen(0, '127.0.0.1')
  await once(batch, 'listening')
  web = await openTestWeb({ env: { BATCH_URL: `http://127.0.0.1:${(batch.address() as AddressInfo).port}` } })
})
afterAll(async () => {
  await web.close()
  batch.closeAllConnections()
  batch.close()
})

test('the collection runs from top to bottom, and every reply has an expected status', async () => {
  const { item: folders, variable }: Collection = JSON.parse(await readFile(FILE, 'utf8'))
  const variables = new Map(variable.map(({ key, value }) => [key, value]))
  variables.set('base_url', web.url)

  const statuses: Record<string, number> = {}
  for (const item of folders.flatMap((folder) => folder.item)) {
    const reply = await send(item, variables)
    runScript(item, reply, variables)
    statuses[item.id] = reply.code
    // Stands in for batch.
    if (item.id === 'createTask') await web.finish(variables.get('task_id') ?? '', { 'output.mp4': 'a clip' })
  }
  expect(statuses).toMatchObject({
    signup: 201,
    putUpload: 201,
    createTask: 202,
    getOutput: 200,
    deleteTask: 204,
  })
}, 30_000)

type HttpReply = { code: number; text: string; headers: Headers }

/** Sends a request as Postman does, with the variables of the collection substituted. */
async function send({ id, request }: Item, variables: Map<string, string>): Promise<HttpReply> {
  const fill = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_, name) => variables.get(name) ?? '')
  const headers = Object.fromEntries(
    request.header.filter(({ disabled }) => !disabled).map(({ key, value }) => [key, fill(value)]),
  )
  if (!request.auth) headers.Authorization = fill('Bearer {{token}}')
  const body = request.body?.mode === 'file' ? `a video for ${id}` : fill(request.body?.raw ?? '')
  // Upload links start with the public URL, where no server listens in this test.
  const url = fill(urlOf(request.url)).replace(web.config.publicUrl, web.url)
  const reply = await fetch(url, { method: request.method, headers, ...(body && { body }) })
  return { code: reply.status, text: await reply.text(), headers: reply.headers }
}

function urlOf(url: Item['request']['url']): string {
  if (typeof url === 'string') return url
  const values = new Map(url.variable.map(({ key, value }) => [`:${key}`, value]))
  return [...url.host, ...url.path.map((part) => values.get(part) ?? part)].join('/')
}

/** Runs the test script of an item with the parts of Postman's `pm` that the scripts use. Throws when a test fails. */
function runScript(
  { id, event = [] }: Item,
  { code, text, headers }: HttpReply,
  variables: Map<string, string>,
): void {
  const pm = {
    response: { code, headers, text: () => text, json: () => JSON.parse(text) },
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
