import type { IncomingHttpHeaders } from 'node:http'
import { media } from './download.ts'
import { GoogleError } from './google-error.ts'
import { parseMultipart } from './multipart.ts'
import { type Buckets, type ObjectMetadata, type Preconditions, resource } from './objects.ts'
import type { Reply } from './reply.ts'
import type { createSessions } from './sessions.ts'

/** A request with its body read; `whole` is false when the connection broke before its end. */
export type Call = { method: string; url: URL; headers: IncomingHttpHeaders; body: Buffer; whole: boolean }

type World = { buckets: Buckets; sessions: ReturnType<typeof createSessions> }

/** Handles one call of the JSON API: https://cloud.google.com/storage/docs/json_api/v1. Throws GoogleError. */
export function answer(world: World, call: Call): Reply {
  const { method, url } = call
  const path = url.pathname.replace(/^\/download/, '')
  const upload = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(path)
  const object = /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/.exec(path)
  const objects = /^\/storage\/v1\/b\/([^/]+)\/o$/.exec(path)
  const bucket = /^\/storage\/v1\/b\/([^/]+)$/.exec(path)
  const part = (match: RegExpExecArray, index: number) => decodeURIComponent(match[index] ?? '')
  if (upload) return answerUpload(world, call, part(upload, 1))
  if (object) return answerObject(world, call, part(object, 1), part(object, 2))
  if (objects && method === 'GET') return json(listObjects(world, url, part(objects, 1)))
  if (bucket && method === 'GET') return json(showBucket(world, part(bucket, 1)))
  if (path === '/storage/v1/b' && method === 'POST') return json(addBucket(world, call.body))
  throw new GoogleError(501, `The fake does not implement ${method} ${url.pathname}.`)
}

function answerUpload(world: World, call: Call, bucket: string): Reply {
  const { method, url, headers, body } = call
  const id = url.searchParams.get('upload_id')
  const type = url.searchParams.get('uploadType')
  if (id !== null && method === 'PUT') return answerSession(world, call, id)
  if (id !== null && method === 'DELETE') {
    world.sessions.cancel(id)
    throw new GoogleError(499, 'The upload was cancelled.')
  }
  if (method !== 'POST') throw new GoogleError(400, 'Uploads start with POST.')
  if (type === 'resumable') return startSession(world, call, bucket)
  if (!call.whole) throw new GoogleError(400, 'The body ended early.')
  if (type === 'media') {
    const metadata = {
      name: requireName(url, {}),
      contentType: headers['content-type'] ?? '',
      ...hashHeader(headers),
    }
    return json(resource(world.buckets.insert(bucket, metadata, body, conditionsOf(url))))
  }
  if (type !== 'multipart') throw new GoogleError(400, 'uploadType must be media, multipart or resumable.')
  const { metadata, content } = parseMultipart(headers['content-type'] ?? '', body)
  const complete = { ...metadata, name: requireName(url, metadata), ...hashHeader(headers) }
  return json(resource(world.buckets.insert(bucket, complete, content, conditionsOf(url))))
}

function startSession(world: World, { url, headers, body }: Call, bucket: string): Reply {
  const metadata: ObjectMetadata = body.length > 0 ? JSON.parse(body.toString()) : {}
  const type = headers['x-upload-content-type']
  const length = headers['x-upload-content-length']
  const id = world.sessions.start({
    bucket,
    metadata: {
      ...(type !== undefined && { contentType: String(type) }),
      ...metadata,
      name: requireName(url, metadata),
    },
    conditions: conditionsOf(url),
    announced: length === undefined ? undefined : Number(length),
  })
  const location = new URL(url)
  location.searchParams.set('upload_id', id)
  return { status: 200, headers: { location: location.href, 'x-guploader-uploadid': id } }
}

function answerSession(world: World, { headers, body, whole }: Call, id: string): Reply {
  const put = { range: headers['content-range'], crc32c: hashHeader(headers).crc32c, body, whole }
  const reply = world.sessions.put(id, put)
  if ('object' in reply) return json(resource(reply.object))
  const range = reply.held > 0 && { range: `bytes=0-${reply.held - 1}` }
  return { status: 308, headers: { ...range } }
}

function answerObject(world: World, call: Call, bucket: string, name: string): Reply {
  const { method, url, headers } = call
  if (method === 'DELETE') {
    world.buckets.remove(bucket, name, conditionsOf(url))
    return { status: 204, headers: {} }
  }
  if (method !== 'GET') throw new GoogleError(501, `The fake does not implement ${method} of an object.`)
  const object = world.buckets.get(bucket, name, conditionsOf(url))
  if (url.searchParams.get('alt') === 'media') return media(object, headers.range)
  return json(resource(object))
}

function listObjects({ buckets }: World, { searchParams }: URL, bucket: string) {
  const maxResults = Math.min(Number(searchParams.get('maxResults') ?? 1000), 1000)
  const page = searchParams.get('pageToken') ?? undefined
  return {
    kind: 'storage#objects',
    ...buckets.list(bucket, searchParams.get('prefix') ?? '', maxResults, page),
  }
}

function showBucket({ buckets }: World, name: string) {
  if (!buckets.has(name)) throw new GoogleError(404, 'The specified bucket does not exist.')
  return { kind: 'storage#bucket', id: name, name, location: 'EU', storageClass: 'STANDARD' }
}

function addBucket(world: World, body: Buffer) {
  const { name } = JSON.parse(body.toString())
  world.buckets.add(String(name))
  return showBucket(world, String(name))
}

function requireName(url: URL, metadata: ObjectMetadata): string {
  const name = url.searchParams.get('name') ?? metadata.name
  if (!name) throw new GoogleError(400, 'Required parameter: name')
  return name
}

function conditionsOf({ searchParams }: URL): Preconditions {
  const read = (name: string) => searchParams.get(name) ?? undefined
  return { ifGenerationMatch: read('ifGenerationMatch'), ifGenerationNotMatch: read('ifGenerationNotMatch') }
}

/** `x-goog-hash: crc32c=…,md5=…` of a request. */
function hashHeader(headers: IncomingHttpHeaders): { crc32c?: string; md5Hash?: string } {
  const text = String(headers['x-goog-hash'] ?? '')
  const crc32c = /crc32c=([^,]+)/.exec(text)?.[1]
  const md5Hash = /md5=([^,]+)/.exec(text)?.[1]
  return { ...(crc32c && { crc32c }), ...(md5Hash && { md5Hash }) }
}

function json(body: unknown): Reply {
  const headers = { 'content-type': 'application/json; charset=UTF-8' }
  return { status: 200, headers, body: Buffer.from(JSON.stringify(body)) }
}
