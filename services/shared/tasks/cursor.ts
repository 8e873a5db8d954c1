import { CutroomError } from '../errors.ts'

/** The place of a task in its owner's list: the last one of a page. */
export type Cursor = { createdAt: string; id: string }

export const cursorOf = (row: { created_at: Date; id: string }): Cursor => ({
  createdAt: row.created_at.toISOString(),
  id: row.id,
})

/** A cursor as the opaque page token of the API. */
export const encodeCursor = ({ createdAt, id }: Cursor): string =>
  Buffer.from(`${createdAt}/${id}`).toString('base64url')

const shape =
  /^((?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** Throws `request.invalid` naming `page` for anything that encodeCursor did not make. */
export function decodeCursor(token: string): Cursor {
  const match = shape.exec(Buffer.from(token, 'base64url').toString())
  const [, createdAt, id] = match ?? []
  if (!createdAt || !id || !isDate(createdAt)) {
    throw new CutroomError(
      'request.invalid',
      'The page token was not given by this list; start without one.',
      {
        fields: [{ path: 'page', message: 'is not a next_page of this list' }],
      },
    )
  }
  return { createdAt, id }
}

/** A day that exists: Date reads the 31st of February as a day in March. */
const isDate = (text: string) => {
  const date = new Date(text)
  return !Number.isNaN(date.getTime()) && date.toISOString() === text
}
