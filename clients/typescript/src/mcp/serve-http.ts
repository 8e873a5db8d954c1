import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { createClient } from '../client.ts'
import { createMcpServer } from './server.ts'

/** Serves the tools over streamable HTTP at /mcp. Each request acts with the API key that it brings, and has no access to files. */
export async function serveHttp(baseUrl: string, port: number, host: string): Promise<Server> {
  const server = createServer((request, response) => {
    handle(baseUrl, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return server
}

async function handle(baseUrl: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url?.split('?')[0] !== '/mcp') {
    response.writeHead(404).end('The MCP endpoint is /mcp.')
    return
  }
  const apiKey = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (!apiKey) {
    response
      .writeHead(401, { 'www-authenticate': 'Bearer' })
      .end('Send an API key as Authorization: Bearer KEY.')
    return
  }
  // Without sessions: a request needs nothing of an earlier one, so each has a server of its own.
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
  const mcp = createMcpServer(createClient({ baseUrl, apiKey }), { canReadFiles: false })
  response.once('close', () => void mcp.close())
  // The types of the SDK do not agree with each other under exactOptionalPropertyTypes.
  await mcp.connect(transport as Transport)
  await transport.handleRequest(request, response)
}
