/** A reply of the fake, before it is sent. */
export type Reply = { status: number; headers: Record<string, string>; body?: Buffer }
