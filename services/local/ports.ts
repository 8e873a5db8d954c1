import { createServer } from 'node:net'

/** A port of 127.0.0.1 that is free at the moment. */
export async function freePort(): Promise<number> {
  const port = await listenOnce('127.0.0.1', 0)
  if (port === undefined) throw new Error('Could not find a free port on 127.0.0.1.')
  return port
}

/** Whether a service can listen on this port now. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  return (await listenOnce(host, port)) !== undefined
}

function listenOnce(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}
