import type { Request } from 'express'
import { CutroomError, type FieldError } from '#shared/errors.ts'
import { invalidRequest } from '../http/field-errors.ts'
import { invalidForm, MAX_FORM_OVERHEAD_BYTES, readMultipart } from '../http/multipart.ts'
import { requireFreeSpace } from './require-free-space.ts'
import { type StoredFile, type StoreFileDeps, storeFile } from './store-file.ts'

/** A received form: its text fields by name, and its file, by now an upload of the user. */
export type ReceivedForm = { fields: Record<string, string>; file: StoredFile }

/** The errors in the fields that have arrived so far. */
export type CheckFields = (fields: Record<string, string>) => FieldError[]

const FILE_FIELD = 'file'

/**
 * Reads a multipart form of text fields and one `file`, which is streamed to storage. Fields are checked as they
 * arrive, so that a wrong one before the file is refused without receiving the file. On failure nothing is kept.
 * @throws CutroomError `request.too_large` for a file above the limit, announced or not; `request.invalid` for a
 * wrong field, a missing, misnamed or second file; `request.malformed`; `storage.full`; and the errors of storeFile.
 */
export async function receiveForm(
  req: Request,
  userId: string,
  checkFields: CheckFields,
  deps: StoreFileDeps,
): Promise<ReceivedForm> {
  const length = requireAllowedLength(req, deps.config.uploads.maxBytes)
  await requireFreeSpace(length ?? 0, deps)
  // Without a length, the file may be as large as is allowed.
  const announcedBytes = length ?? deps.config.uploads.maxBytes
  const received = new Map<string, string>()
  let file: StoredFile | undefined
  try {
    await readMultipart(req, {
      onField(name, value) {
        requireNewTextField(name, received)
        received.set(name, value)
        requireValid(checkFields(Object.fromEntries(received)))
      },
      async onFile(name, stream, part) {
        if (name !== FILE_FIELD) throw notTheFile(name)
        file = await storeFile(userId, stream, { ...part, announcedBytes }, deps)
      },
    })
    if (!file) throw invalidForm(FILE_FIELD, 'is missing')
    return { fields: Object.fromEntries(received), file }
  } catch (error) {
    await file?.discard()
    throw error
  }
}

/** The announced length of a form. */
function requireAllowedLength(req: Request, maxBytes: number): number | undefined {
  const header = req.get('Content-Length')
  const announced = header === undefined ? undefined : Number(header)
  if (announced !== undefined && announced > maxBytes + MAX_FORM_OVERHEAD_BYTES) {
    throw new CutroomError(
      'request.too_large',
      `The form has ${announced} bytes; its file can have at most ${maxBytes}.`,
    )
  }
  return announced
}

function requireNewTextField(name: string, received: Map<string, string>) {
  if (name === FILE_FIELD) throw invalidForm(FILE_FIELD, 'has no filename; send it as a file part')
  if (received.has(name)) throw invalidForm('form', `has more than one field \`${name}\``)
}

function requireValid(fields: FieldError[]) {
  if (fields.length > 0) throw invalidRequest('form', fields)
}

const notTheFile = (name: string) =>
  invalidForm(
    name,
    `is sent as a file; name the file part \`${FILE_FIELD}\` and send fields without a filename`,
  )
