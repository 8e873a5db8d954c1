import {
  type Bucket,
  type File,
  type FileMetadata,
  Storage as Gcs,
  IdempotencyStrategy,
} from '@google-cloud/storage'
import { attachment } from './content-disposition.ts'
import { CHUNK_BYTES, createObject, type GcsWriter } from './gcs-create.ts'
import { httpStatus, withGcsErrors } from './gcs-errors.ts'
import { readDownload } from './gcs-read.ts'
import { checkKey, checkPrefix } from './keys.ts'
import type { ObjectInfo, Storage } from './port.ts'

export type GcsOptions = {
  bucket: string
  project?: string | undefined
  /** Address of a stand-in for Cloud Storage, without a path. It is asked without credentials. */
  emulator?: string | undefined
  /** Web's own address: browsers on its pages may use the upload targets. */
  publicUrl: string
  /** How often a failed request is repeated; 3 when left out, waiting 1, 2 and 4 s. */
  repeats?: number
}

/** Custom metadata that says which create call made an object. */
const markField = 'cutroom-create'
const onlyIfAbsent = { ifGenerationMatch: 0 }

/** Storage in a Cloud Storage bucket. Clients put and get the bytes there by themselves. */
export function createGcsStorage(options: GcsOptions): Storage {
  const { repeats = 3 } = options
  const gcs = connect(options, repeats)
  const bucket = gcs.bucket(options.bucket)
  const where = `the bucket ${options.bucket}`
  return {
    create: async (key, body, about) =>
      createObject((checked) => writer(bucket.file(checked)), key, body, about),
    async read(key, wanted = {}) {
      const url = `${gcs.baseUrl}/b/${options.bucket}/o/${encodeURIComponent(checkKey(key))}?alt=media`
      const authorize = async () =>
        options.emulator ? new Headers() : await gcs.authClient.getRequestHeaders(url)
      return await readDownload({ key, url, authorize, repeats, ...wanted })
    },
    stat: async (key) => withGcsErrors(`look at ${key}`, () => find(bucket.file(checkKey(key)))),
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
            // A session answers only the pages of the origin that it was opened for.
            origin: new URL(options.publicUrl).origin,
            preconditionOpts: onlyIfAbsent,
          }),
        { 412: 'storage.exists' },
      )
      // The session's address is itself the credential, and Cloud Storage keeps it for a week.
      const expiresAt = new Date(Date.now() + Math.min(expiresInSeconds, 7 * 24 * 3600) * 1000)
      return { method: 'PUT', url, headers: { 'content-type': contentType }, expiresAt }
    },
    async downloadUrl(key, { fileName, contentType, expiresInSeconds }) {
      // A stand-in checks no signatures, and there is no account to sign with.
      if (options.emulator) return undefined
      // On Cloud Run there is no key file, and none is wanted: the library has IAM sign (signBlob), which
      // needs roles/iam.serviceAccountTokenCreator of the service's account on itself.
      const config = {
        version: 'v4',
        action: 'read',
        expires: Date.now() + expiresInSeconds * 1000,
        responseDisposition: attachment(fileName),
        responseType: contentType,
      } as const
      const [url] = await withGcsErrors(`sign a link to ${key}`, () =>
        bucket.file(checkKey(key)).getSignedUrl(config),
      )
      return url
    },
    async check() {
      // Listing needs no more rights than the service has on objects; asking for the bucket itself would.
      await withGcsErrors(`use ${where}`, () => bucket.getFiles({ maxResults: 1, autoPaginate: false }))
    },
    async close() {},
  }
}

function connect({ project, emulator }: GcsOptions, repeats: number): Gcs {
  const gcs = new Gcs({
    ...(project && { projectId: project }),
    ...(emulator && { apiEndpoint: emulator }),
    retryOptions: {
      autoRetry: repeats > 0,
      maxRetries: repeats,
      totalTimeout: 60,
      maxRetryDelay: 8,
      // Every call here may be repeated: objects are only ever made when absent, and removed.
      idempotencyStrategy: IdempotencyStrategy.RetryAlways,
    },
  })
  // The library also reads STORAGE_EMULATOR_HOST by itself, and then leaves the API's path out.
  if (emulator) gcs.baseUrl = `${emulator.replace(/\/+$/, '')}/storage/v1`
  return gcs
}

function writer(file: File): GcsWriter {
  const marked = (contentType: string, mark: string) => ({ contentType, metadata: { [markField]: mark } })
  return {
    async save(bytes, { contentType, mark, crc32c }) {
      const metadata = { ...marked(contentType, mark), crc32c }
      await file.save(bytes, { resumable: false, metadata, preconditionOpts: onlyIfAbsent })
      return describe(file.metadata)
    },
    open({ contentType, mark }) {
      let session: string | undefined
      const stream = file.createWriteStream({
        resumable: true,
        chunkSize: CHUNK_BYTES,
        metadata: marked(contentType, mark),
        preconditionOpts: onlyIfAbsent,
      })
      stream.once('uri', (uri: string) => {
        session = uri
      })
      return { stream, info: () => describe(file.metadata), cancel: () => cancelSession(session) }
    },
    async findOwn(mark) {
      const found = await file.getMetadata().catch(() => undefined)
      return found?.[0].metadata?.[markField] === mark ? describe(found[0]) : undefined
    },
    async remove() {
      await file.delete({ ignoreNotFound: true })
    },
  }
}

/** Ends an upload that is not wanted any more, so that a request on its way cannot complete it. */
async function cancelSession(session: string | undefined): Promise<void> {
  if (!session) return
  const signal = AbortSignal.timeout(5_000)
  // A session that cannot be told stays without an object, and ends by itself after a week.
  await fetch(session, { method: 'DELETE', signal }).catch(() => undefined)
}

async function find(file: File): Promise<ObjectInfo | undefined> {
  try {
    const [metadata] = await file.getMetadata()
    return describe(metadata)
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
    for (const file of files) yield describe(file.metadata)
    pageToken = (next as { pageToken?: string } | null)?.pageToken
  } while (pageToken)
}

function describe({
  name = '',
  size = 0,
  contentType = '',
  crc32c = '',
  timeCreated = '',
}: FileMetadata): ObjectInfo {
  return { key: name, bytes: Number(size), contentType, crc32c, createdAt: new Date(timeCreated) }
}
