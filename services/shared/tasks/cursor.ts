import { CutroomError } from '../errors.ts'

/** A position in a user's list of tasks: the last task of a page. */
export type Cursor = { createdAt: string; id: string }

export const cursorOf = (row: { created_at: Date; id: string }): Cursor => ({
  createdAt: row.created_at.toISOString(),
  id: row.id,
})

/** Encodes a cursor as the opaque page token of the API. */
export const encodeCursor = ({ createdAt, id }: Cursor): string =>
  Buffer.from(`${createdAt}/${id}`).toString('base64url')

/** Year 0 is left out because Postgres has none. */
const TOKEN =
  /^((?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/**
 * Decodes a page token.
 *
 * @throws CutroomError `request.invalid` naming `page` for anything that encodeCursor did not return.
 */
export function decodeCursor(token: string): Cursor {
  const match = TOKEN.exec(Buffer.from(token, 'base64url').toString())
  const [, createdAt, id] = match ?? []
  if (!createdAt || !id || !isDate(createdAt)) {
    throw new CutroomError(
      'request.invalid',
      'The page token is invalid; pass the next_page of an earlier reply, or leave it out to get the first page.',
      { fields: [{ path: 'page', message: 'is not a next_page of this list' }] },
    )
  }
  return { createdAt, id }
}

/** Whether the date exists: Date would read February 31 as a day in March. */
const isDate = (text: string) => {
  const date = new Date(text)
  return !Number.isNaN(date.getTime()) && date.toISOString() === text
}
