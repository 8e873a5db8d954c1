/** Where a request came from. */
export type Origin = { address: string | null; userAgent: string | null }
