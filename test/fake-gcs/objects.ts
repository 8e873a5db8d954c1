import { createHash } from 'node:crypto'
import { createCrc32c } from '#shared/storage/crc32c.ts'
import { GoogleError } from './google-error.ts'

/** Metadata that a writer sends with an object: https://cloud.google.com/storage/docs/json_api/v1/objects */
export type ObjectMetadata = {
  name?: string
  contentType?: string
  crc32c?: string
  md5Hash?: string
  metadata?: Record<string, string>
}

export type StoredObject = ReturnType<typeof describe> & { content: Buffer }

/** Generation preconditions; 0 means that the object must not exist. */
export type Preconditions = {
  ifGenerationMatch?: string | undefined
  ifGenerationNotMatch?: string | undefined
}

/** Buckets and their objects, in memory. */
export function createBuckets(names: string[]) {
  const buckets = new Map(names.map((name) => [name, new Map<string, StoredObject>()]))
  let generation = Date.now() * 1000

  function objectsOf(bucket: string): Map<string, StoredObject> {
    const objects = buckets.get(bucket)
    if (!objects) throw new GoogleError(404, 'The specified bucket does not exist.')
    return objects
  }

  function checkPreconditions(bucket: string, name: string, conditions: Preconditions): void {
    const now = objectsOf(bucket).get(name)?.generation ?? '0'
    const { ifGenerationMatch: wanted, ifGenerationNotMatch: unwanted } = conditions
    if ((wanted !== undefined && wanted !== now) || (unwanted !== undefined && unwanted === now)) {
      throw new GoogleError(412, 'At least one of the pre-conditions you specified did not hold.')
    }
  }

  return {
    checkPreconditions,
    has: (bucket: string) => buckets.has(bucket),
    add(bucket: string) {
      if (buckets.has(bucket))
        throw new GoogleError(409, 'Your previous request to create the named bucket succeeded.')
      buckets.set(bucket, new Map())
    },
    /** Creates or replaces an object; the checksums that the writer sent must match. */
    insert(
      bucket: string,
      metadata: ObjectMetadata & { name: string },
      content: Buffer,
      conditions: Preconditions,
    ) {
      checkPreconditions(bucket, metadata.name, conditions)
      generation++
      const object = { ...describe(bucket, metadata, content, String(generation)), content }
      checkHash('CRC32C', metadata.crc32c, object.crc32c)
      checkHash('MD5', metadata.md5Hash, object.md5Hash)
      objectsOf(bucket).set(metadata.name, object)
      return object
    },
    get(bucket: string, name: string, conditions: Preconditions): StoredObject {
      const object = objectsOf(bucket).get(name)
      if (!object) throw new GoogleError(404, `No such object: ${bucket}/${name}`)
      checkPreconditions(bucket, name, conditions)
      return object
    },
    remove(bucket: string, name: string, conditions: Preconditions): void {
      this.get(bucket, name, conditions)
      objectsOf(bucket).delete(name)
    },
    /** One page in the order of names; the page token encodes the last name of the previous page. */
    list(bucket: string, prefix: string, maxResults: number, pageToken: string | undefined) {
      const after = pageToken === undefined ? '' : Buffer.from(pageToken, 'base64url').toString()
      const names = [...objectsOf(bucket).keys()]
        .filter((name) => name.startsWith(prefix) && name > after)
        .sort()
      const page = names.slice(0, maxResults)
      const last = page.at(-1)
      return {
        items: page.flatMap((name) => objectsOf(bucket).get(name) ?? []).map(resource),
        ...(last !== undefined && names.length > page.length && { nextPageToken: token(last) }),
      }
    },
  }
}

export type Buckets = ReturnType<typeof createBuckets>

/** An object as the API returns it. */
export function resource({ content: _, ...shown }: StoredObject) {
  return shown
}

const token = (name: string) => Buffer.from(name).toString('base64url')

function describe(
  bucket: string,
  metadata: ObjectMetadata & { name: string },
  content: Buffer,
  generation: string,
) {
  const crc = createCrc32c()
  crc.update(content)
  const now = new Date().toISOString()
  return {
    kind: 'storage#object',
    id: `${bucket}/${metadata.name}/${generation}`,
    bucket,
    name: metadata.name,
    generation,
    metageneration: '1',
    contentType: metadata.contentType ?? 'application/octet-stream',
    size: String(content.length),
    crc32c: crc.digest(),
    md5Hash: createHash('md5').update(content).digest('base64'),
    etag: token(generation),
    storageClass: 'STANDARD',
    timeCreated: now,
    updated: now,
    ...(metadata.metadata && { metadata: metadata.metadata }),
  }
}

function checkHash(kind: string, metadata: string | undefined, found: string): void {
  if (metadata === undefined || metadata === found) return
  throw new GoogleError(400, `Provided ${kind} "${metadata}" doesn't match calculated ${kind} "${found}".`)
}
