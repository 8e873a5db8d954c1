import { once } from 'node:events'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { Client } from '../client.ts'
import { createMcpServer } from './server.ts'

export { serveHttp } from './serve-http.ts'

/** Serves the tools on stdin and stdout until stdin ends or the signal is aborted. */
export async function serveStdio(client: Client, signal: AbortSignal): Promise<void> {
  const mcp = createMcpServer(client, { canReadFiles: true })
  await mcp.connect(new StdioServerTransport())
  const ended = new AbortController()
  await Promise.race([
    once(process.stdin, 'end', { signal: ended.signal }),
    once(signal, 'abort', { signal: ended.signal }),
  ])
  ended.abort()
  await mcp.close()
}
