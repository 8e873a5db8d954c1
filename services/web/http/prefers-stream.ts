import type { Request } from 'express'

/** Whether a client asks for server-sent events where it could also have JSON. */
export const prefersStream = (req: Request): boolean =>
  req.accepts(['application/json', 'text/event-stream']) === 'text/event-stream'
