import { once } from 'node:events'
import { type Command, flag, text, wholeNumber } from '../command.ts'
import { UsageError } from '../exit-codes.ts'

const DEFAULT_PORT = 8765
const MAX_PORT = 65_535

export const mcp: Command = {
  summary: 'Serve tools for agents (Model Context Protocol) on stdin and stdout, or over HTTP',
  usage: '',
  options: { http: { type: 'boolean' }, port: { type: 'string' }, host: { type: 'string' } },
  help: {
    http: 'serve streamable HTTP at /mcp; each request brings its own API key',
    port: `NUMBER of the port (${DEFAULT_PORT})`,
    host: 'ADDRESS to listen on (127.0.0.1)',
  },
  async run(context) {
    const port = wholeNumber(context, 'port', 0)
    const host = text(context, 'host')
    if ((port !== undefined || host) && !flag(context, 'http'))
      throw new UsageError('--port and --host need --http.')
    // Loaded only here: the other commands start sooner without it.
    const { serveHttp, serveStdio } = await import('../../mcp/serve.ts')
    if (!flag(context, 'http')) {
      await serveStdio(await context.connect(), context.signal)
      return undefined
    }
    if (port !== undefined && port > MAX_PORT)
      throw new UsageError(`--port ${port} is not a port: 0 to ${MAX_PORT}.`)
    const server = await serveHttp(
      await context.serviceUrl(),
      port ?? DEFAULT_PORT,
      host ?? '127.0.0.1',
    ).catch((error: NodeJS.ErrnoException) => {
      const address = `${host ?? '127.0.0.1'}:${port ?? DEFAULT_PORT}`
      throw new UsageError(`Could not listen on ${address}: ${error.code}. Choose another --port or --host.`)
    })
    const address = server.address()
    const actual = typeof address === 'object' ? address?.port : port
    context.terminal.result(
      { port: actual },
      `MCP at http://${host ?? '127.0.0.1'}:${actual}/mcp; Ctrl-C ends it.`,
    )
    if (!context.signal.aborted) await once(context.signal, 'abort')
    server.closeAllConnections()
    server.close()
    return undefined
  },
}
