import { z } from 'zod'

/** The id of what a caller names. Some platforms write UUIDs in upper case; stored and compared they are in lower case. */
export const Uuid = z.uuid().toLowerCase()
