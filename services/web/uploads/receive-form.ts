import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import multer from 'multer'
import { CutroomError } from '#shared/errors.ts'
import { uploadKey } from '#shared/uploads/upload-repository.ts'
import type { WebDeps } from '../deps.ts'

/** The file of a form, by now in storage as an upload of the user's. */
export type ReceivedFile = { uploadId: string; filename: string; crc32c: string; discard(): Promise<void> }

/** What a form may hold besides its file: ten fields and the edges of its parts. */
const mostBesideFile = 1024 * 1024

type Deps = Pick<WebDeps, 'storage' | 'uploads' | 'config'>

/**
 * Reads a multipart form with at most one `file`, which is streamed to storage and never held in memory.
 * Throws `request.malformed`, `request.invalid` or `request.too_large`; nothing is left behind then.
 */
export async function receiveForm(
  req: Request,
  userId: string,
  deps: Deps,
): Promise<{ file: ReceivedFile | undefined; fields: Record<string, unknown> }> {
  if (Number(req.get('Content-Length')) > deps.config.uploads.maxBytes + mostBesideFile)
    throw tooLarge(deps.config.uploads.maxBytes)
  const hangUp = new AbortController()
  req.once('close', () => req.complete || hangUp.abort(clientGone()))
  const failed = Promise.withResolvers<never>()
  const parse = multer({
    storage: intoStorage(userId, deps, hangUp.signal, failed.reject),
    // Browsers write names in the page's charset, which is UTF-8 everywhere.
    defParamCharset: 'utf8',
    limits: {
      files: 1,
      fields: 10,
      fieldSize: 64 * 1024,
      parts: 12,
      fieldNestingDepth: 0,
    } as multer.Options['limits'],
  }).single('file')
  const parsed = new Promise<void>((resolve, reject) => {
    // Multer never looks at the reply; it is there for Express alone.
    parse(req, req.res as never, (error: unknown) => (error ? reject(translate(error)) : resolve()))
  })
  // Multer reads a form to its end before it tells of a failure, and a form need not have one.
  await Promise.race([parsed, failed.promise])
  const received = req.file as unknown as { received?: ReceivedFile } | undefined
  return { file: received?.received, fields: { ...req.body } }
}

function intoStorage(
  userId: string,
  { storage, uploads, config }: Deps,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): multer.StorageEngine {
  return {
    _handleFile(_req, file, done) {
      const uploadId = randomUUID()
      const objectKey = uploadKey(userId, uploadId)
      const filename = file.originalname.replaceAll('\0', '').slice(0, 255).toWellFormed() || 'upload'
      const contentType = /^[\w.+-]+\/[\w.+-]+$/.test(file.mimetype)
        ? file.mimetype
        : 'application/octet-stream'
      const store = async () => {
        const { crc32c } = await storage.create(objectKey, file.stream, {
          contentType,
          maxBytes: config.uploads.maxBytes,
          signal,
        })
        const discard = async () => {
          await storage.remove(objectKey)
          await uploads.remove(uploadId)
        }
        const row = { id: uploadId, userId, objectKey, filename, contentType }
        await uploads.create(row).catch(async (error) => {
          await storage.remove(objectKey)
          throw error
        })
        return { received: { uploadId, filename, crc32c, discard } satisfies ReceivedFile }
      }
      store().then(
        (info) => done(null, info as object),
        (error) => {
          failed(translate(error))
          done(error)
        },
      )
    },
    _removeFile(_req, file, done) {
      const { received } = file as unknown as { received?: ReceivedFile }
      if (received) received.discard().then(() => done(null), done)
      else done(null)
    },
  }
}

/** Multer's and busboy's complaints are about the form; ours pass as they are. */
function translate(error: unknown): unknown {
  if (error instanceof multer.MulterError) {
    const fields = [{ path: error.field ?? 'form', message: error.message }]
    return new CutroomError('request.invalid', `The form was refused: ${error.message}`, {
      cause: error,
      fields,
    })
  }
  if (error instanceof CutroomError || !(error instanceof Error) || 'code' in error) return error
  return new CutroomError('request.malformed', `The form could not be read: ${error.message}`, {
    cause: error,
  })
}

const tooLarge = (maxBytes: number) =>
  new CutroomError('request.too_large', `A file may have ${maxBytes} bytes; this form has more.`)

const clientGone = () =>
  new CutroomError('request.malformed', 'The client went away in the middle of its form.')
