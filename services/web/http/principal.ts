/** The authenticated caller of an operation. */
export type Principal = { id: string }
