import {
  type Bucket,
  type File,
  type FileMetadata,
  Storage as Gcs,
  IdempotencyStrategy,
} from '@google-cloud/storage'
import { attachment } from './content-disposition.ts'
import { CHUNK_BYTES, createObject, type GcsWriter, type NewObject } from './gcs-create.ts'
import { httpStatus, withGcsErrors } from './gcs-errors.ts'
import { readDownload } from './gcs-read.ts'
import { checkKey, checkPrefix } from './keys.ts'
import type { ObjectInfo, Storage } from './port.ts'

export type GcsOptions = {
  bucket: string
  project?: string | undefined
  /** URL of a Cloud Storage emulator, without a path. Requests to it carry no credentials. */
  emulator?: string | undefined
  /** Web's public URL: browsers on its pages may use the upload targets (CORS). */
  publicUrl: string
  /** Retries of a failed request, after 1, 2, 4 … s; 3 by default. */
  retries?: number
}

/** Custom metadata field that identifies the create call an object comes from. */
const CREATE_ID_FIELD = 'cutroom-create'
const ONLY_IF_ABSENT = { ifGenerationMatch: 0 }

/** Storage in a Cloud Storage bucket, to and from which clients transfer the bytes directly. */
export function createGcsStorage(options: GcsOptions): Storage {
  const { retries = 3 } = options
  const gcs = connect(options, retries)
  const bucket = gcs.bucket(options.bucket)
  return {
    create: async (key, body, options) =>
      createObject((validKey) => writer(bucket.file(validKey)), key, body, options),
    async read(key, readOptions = {}) {
      const url = `${gcs.baseUrl}/b/${options.bucket}/o/${encodeURIComponent(checkKey(key))}?alt=media`
      const authorize = async () =>
        options.emulator ? new Headers() : await gcs.authClient.getRequestHeaders(url)
      return await readDownload({ key, url, authorize, retries, ...readOptions })
    },
    stat: async (key) => withGcsErrors(`inspect ${key}`, () => find(bucket.file(checkKey(key)))),
    list: (prefix) => listObjects(bucket, checkPrefix(prefix)),
    async remove(key) {
      await withGcsErrors(`remove ${key}`, () => bucket.file(checkKey(key)).delete({ ignoreNotFound: true }))
    },
    async uploadTarget(key, { contentType, expiresInSeconds }) {
      const [url] = await withGcsErrors(
        `open an upload for ${key}`,
        () =>
          bucket.file(checkKey(key)).createResumableUpload({
            metadata: { contentType },
            // A session accepts requests only from pages of the origin it was opened for.
            origin: new URL(options.publicUrl).origin,
            preconditionOpts: ONLY_IF_ABSENT,
          }),
        { 412: 'storage.exists' },
      )
      // The session's URL is its own credential, and Cloud Storage keeps a session for a week.
      const expiresAt = new Date(Date.now() + Math.min(expiresInSeconds, 7 * 24 * 3600) * 1000)
      return { method: 'PUT', url, headers: { 'content-type': contentType }, expiresAt }
    },
    async downloadUrl(key, { fileName, contentType, expiresInSeconds }) {
      // An emulator verifies no signatures, and there is no account to sign with.
      if (options.emulator) return undefined
      // On Cloud Run there is no key file: the library signs through IAM (signBlob), for which the service account
      // needs roles/iam.serviceAccountTokenCreator on itself.
      const config = {
        version: 'v4',
        action: 'read',
        expires: Date.now() + expiresInSeconds * 1000,
        responseDisposition: attachment(fileName),
        responseType: contentType,
      } as const
      const [url] = await withGcsErrors(`sign a download URL for ${key}`, () =>
        bucket.file(checkKey(key)).getSignedUrl(config),
      )
      return url
    },
    async check() {
      // Listing needs only permissions on objects, which the service has; getting the bucket itself needs more.
      await withGcsErrors(`use the bucket ${options.bucket}`, () =>
        bucket.getFiles({ maxResults: 1, autoPaginate: false }),
      )
    },
    async close() {},
  }
}

function connect({ project, emulator }: GcsOptions, retries: number): Gcs {
  const gcs = new Gcs({
    ...(project && { projectId: project }),
    ...(emulator && { apiEndpoint: emulator }),
    retryOptions: {
      autoRetry: retries > 0,
      maxRetries: retries,
      totalTimeout: 60,
      maxRetryDelay: 8,
      // Every call here is idempotent: objects are only ever created if absent, and removed.
      idempotencyStrategy: IdempotencyStrategy.RetryAlways,
    },
  })
  // The library also reads STORAGE_EMULATOR_HOST itself, and then omits the API's path.
  if (emulator) gcs.baseUrl = `${emulator.replace(/\/+$/, '')}/storage/v1`
  return gcs
}

function writer(file: File): GcsWriter {
  const metadataOf = ({ contentType, createId }: NewObject) => ({
    contentType,
    metadata: { [CREATE_ID_FIELD]: createId },
  })
  return {
    async save(bytes, object) {
      const metadata = { ...metadataOf(object), crc32c: object.crc32c }
      await file.save(bytes, { resumable: false, metadata, preconditionOpts: ONLY_IF_ABSENT })
      return toObjectInfo(file.metadata)
    },
    open(object) {
      let session: string | undefined
      const stream = file.createWriteStream({
        resumable: true,
        chunkSize: CHUNK_BYTES,
        metadata: metadataOf(object),
        preconditionOpts: ONLY_IF_ABSENT,
      })
      stream.once('uri', (uri: string) => {
        session = uri
      })
      return { stream, info: () => toObjectInfo(file.metadata), cancel: () => cancelSession(session) }
    },
    async findOwn(createId) {
      const found = await file.getMetadata().catch(() => undefined)
      return found?.[0].metadata?.[CREATE_ID_FIELD] === createId ? toObjectInfo(found[0]) : undefined
    },
    async remove() {
      await file.delete({ ignoreNotFound: true })
    },
  }
}

/** Cancels an upload, so that a request still in flight cannot complete it. */
async function cancelSession(session: string | undefined): Promise<void> {
  if (!session) return
  const signal = AbortSignal.timeout(5_000)
  // A session that cannot be cancelled expires after a week without creating an object.
  await fetch(session, { method: 'DELETE', signal }).catch(() => undefined)
}

async function find(file: File): Promise<ObjectInfo | undefined> {
  try {
    const [metadata] = await file.getMetadata()
    return toObjectInfo(metadata)
  } catch (thrown) {
    if (httpStatus(thrown) === 404) return undefined
    throw thrown
  }
}

async function* listObjects(bucket: Bucket, prefix: string): AsyncIterable<ObjectInfo> {
  let pageToken: string | undefined
  do {
    const page = { prefix, autoPaginate: false, ...(pageToken && { pageToken }) }
    const [files, next] = await withGcsErrors(`list ${prefix}`, () => bucket.getFiles(page))
    for (const file of files) yield toObjectInfo(file.metadata)
    pageToken = (next as { pageToken?: string } | null)?.pageToken
  } while (pageToken)
}

function toObjectInfo({
  name = '',
  size = 0,
  contentType = '',
  crc32c = '',
  timeCreated = '',
}: FileMetadata): ObjectInfo {
  return { key: name, bytes: Number(size), contentType, crc32c, createdAt: new Date(timeCreated) }
}
