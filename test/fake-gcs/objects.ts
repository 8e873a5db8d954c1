import { createHash } from 'node:crypto'
import { createCrc32c } from '#shared/storage/crc32c.ts'
import { GoogleError } from './google-error.ts'

/** What a writer says of an object: https://cloud.google.com/storage/docs/json_api/v1/objects */
export type ObjectMetadata = {
  name?: string
  contentType?: string
  crc32c?: string
  md5Hash?: string
  metadata?: Record<string, string>
}

export type StoredObject = ReturnType<typeof describe> & { content: Buffer }

/** Generations as a precondition names them: 0 means that there must be none. */
export type Preconditions = {
  ifGenerationMatch?: string | undefined
  ifGenerationNotMatch?: string | undefined
}

/** The buckets and what is in them, in memory. */
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
    /** Makes or replaces an object; what the writer said of its checksums must be true. */
    insert(
      bucket: string,
      said: ObjectMetadata & { name: string },
      content: Buffer,
      conditions: Preconditions,
    ) {
      checkPreconditions(bucket, said.name, conditions)
      generation++
      const object = { ...describe(bucket, said, content, String(generation)), content }
      checkHash('CRC32C', said.crc32c, object.crc32c)
      checkHash('MD5', said.md5Hash, object.md5Hash)
      objectsOf(bucket).set(said.name, object)
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
    /** One page in the order of names; the token is the last name of the page before. */
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

/** An object as the API shows it. */
export function resource({ content: _, ...shown }: StoredObject) {
  return shown
}

const token = (name: string) => Buffer.from(name).toString('base64url')

function describe(
  bucket: string,
  said: ObjectMetadata & { name: string },
  content: Buffer,
  generation: string,
) {
  const crc = createCrc32c()
  crc.update(content)
  const now = new Date().toISOString()
  return {
    kind: 'storage#object',
    id: `${bucket}/${said.name}/${generation}`,
    bucket,
    name: said.name,
    generation,
    metageneration: '1',
    contentType: said.contentType ?? 'application/octet-stream',
    size: String(content.length),
    crc32c: crc.digest(),
    md5Hash: createHash('md5').update(content).digest('base64'),
    etag: token(generation),
    storageClass: 'STANDARD',
    timeCreated: now,
    updated: now,
    ...(said.metadata && { metadata: said.metadata }),
  }
}

function checkHash(kind: string, said: string | undefined, found: string): void {
  if (said === undefined || said === found) return
  throw new GoogleError(400, `Provided ${kind} "${said}" doesn't match calculated ${kind} "${found}".`)
}
