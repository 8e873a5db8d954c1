import { PassThrough, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { expect, jest, test } from '@jest/globals'
import { type FormRequest, readMultipart } from './multipart.ts'

const part = (disposition: string, text: string) =>
  `--edge\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${text}`
const FILE = part('name="file"; filename="a.mp4"', 'bytes')

type Request = FormRequest & PassThrough
const openRequest = (): Request =>
  Object.assign(new PassThrough(), {
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
    complete: false,
  })

/** Handlers that record the fields and read the file. */
function recordingHandlers() {
  const fields: [string, string][] = []
  const onFile = jest.fn(async (_name: string, stream: Readable) => {
    await buffer(stream)
  })
  return { fields, onField: (name: string, value: string) => void fields.push([name, value]), onFile }
}

test('fields and file are handed over in order, and the promise resolves when the file is handled', async () => {
  const req = openRequest()
  const handlers = recordingHandlers()
  const stored = Promise.withResolvers<void>()
  const onFile = async (_name: string, stream: Readable) => {
    await buffer(stream)
    await stored.promise
  }
  let isRead = false
  const reading = readMultipart(req, { ...handlers, onFile }).then(() => {
    isRead = true
  })
  req.complete = true
  req.end(`${part('name="a"', '1')}\r\n${FILE}\r\n${part('name="b"', '2')}\r\n--edge--\r\n`)
  while (handlers.fields.length < 2) await setImmediate()
  await setImmediate()
  expect(isRead).toBe(false)
  stored.resolve()
  await reading
  expect(handlers.fields).toEqual([
    ['a', '1'],
    ['b', '2'],
  ])
})

test('the first error ends the form, even for the parts that came with it', async () => {
  const req = openRequest()
  const { onFile, fields } = recordingHandlers()
  const onField = (name: string, value: string) => {
    fields.push([name, value])
    throw new Error(`${name} is wrong`)
  }
  const reading = readMultipart(req, { onField, onFile })
  req.write(`${part('name="a"', '1')}\r\n${part('name="b"', '2')}\r\n${FILE}`)
  await expect(reading).rejects.toThrow('a is wrong')
  expect(fields).toEqual([['a', '1']])
  expect(onFile).not.toHaveBeenCalled()
  expect(req.destroyed).toBe(false)
})

test('an error waits until the file that it fails is handled', async () => {
  const req = openRequest()
  const events: string[] = []
  const onFile = async (_name: string, stream: Readable) => {
    await buffer(stream).catch(() => setImmediate())
    events.push('file handled')
  }
  const reading = readMultipart(req, { ...recordingHandlers(), onFile }).catch(({ code }) =>
    events.push(code),
  )
  req.write(FILE)
  await setImmediate()
  req.destroy()
  await reading
  expect(events).toEqual(['file handled', 'request.malformed'])
})

test('a form that breaks off in its file is malformed, whoever notices first', async () => {
  const req = openRequest()
  const reading = readMultipart(req, recordingHandlers())
  req.complete = true
  req.end(FILE)
  await expect(reading).rejects.toMatchObject({ code: 'request.malformed' })
})

test('an error of the file handler ends the form and passes unchanged', async () => {
  const req = openRequest()
  const onFile = async () => {
    throw new Error('disk full')
  }
  const reading = readMultipart(req, { ...recordingHandlers(), onFile })
  req.write(FILE)
  await expect(reading).rejects.toThrow('disk full')
})

test('a client that disconnected earlier is not waited for', async () => {
  const req = openRequest()
  req.destroy()
  await setImmediate()
  const reading = readMultipart(req, recordingHandlers())
  await expect(reading).rejects.toMatchObject({ code: 'request.malformed' })
})
