import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import type { Client } from '../client.ts'
import { CutroomError, TaskFailedError } from '../errors.ts'
import { VERSION } from '../generated/version.ts'
import { typeOf } from '../uploads/media-types.ts'
import { Edit, toTask } from './inputs.ts'
import { type Linked, withLinks } from './results.ts'

export type McpOptions = {
  /** Whether the caller may have files of this machine uploaded. Others get a URL to send a file to. */
  canReadFiles: boolean
}

/** The longest time that one call waits: clients give up on calls that take much longer. */
const MAX_WAIT_SECONDS = 50

const INSTRUCTIONS = [
  'Cutroom trims, joins, reframes, brands, splits and transcodes video and audio.',
  'Work in this order: upload a local file, or use its URL; probe it if you need to know its length or size; plan the edit, which',
  'checks it for free and names every invalid field; create it; wait until it has finished. The result has links that play.',
].join(' ')

/** The tools for agents. Each call of a tool is one or a few requests to the service. */
export function createMcpServer(client: Client, { canReadFiles }: McpOptions): McpServer {
  const server = new McpServer({ name: 'cutroom', version: VERSION }, { instructions: INSTRUCTIONS })

  server.registerTool(
    'presets',
    {
      description: 'List the presets: recipes with a name. The quickest way to a usual result.',
      annotations: { readOnlyHint: true },
    },
    () => reply(() => client.presets()),
  )

  if (canReadFiles) {
    server.registerTool(
      'upload',
      {
        description:
          'Upload a file of this machine. Returns the upload_id to use as a source, watermark or bumper.',
        inputSchema: { path: z.string().describe('The path of the file.') },
      },
      ({ path }, { signal }) =>
        reply(async () => {
          const { upload_id } = await client.upload(path, { signal })
          return { upload_id }
        }),
    )
  } else {
    server.registerTool(
      'upload',
      {
        description:
          'Get a URL to upload a file to: send its bytes with the method and headers, then use the upload_id as a source, ' +
          'watermark or bumper. A file that has a public URL needs no upload.',
        inputSchema: { filename: z.string().describe('The name of the file, with its extension.') },
      },
      ({ filename }, { signal }) =>
        reply(() => {
          const body = { filename, content_type: typeOf(filename) }
          return client.call('createUpload', { body }, { signal })
        }),
    )
  }

  server.registerTool(
    'probe',
    {
      description:
        'Describe a source: container, duration, streams, frame rate, and what is irregular in it.',
      inputSchema: { url: z.string().optional(), upload_id: z.string().optional() },
      annotations: { readOnlyHint: true },
    },
    ({ url, upload_id }, { signal }) =>
      reply(async () => {
        const source = url === undefined ? { upload_id } : { url }
        const { sources, problem } = await client.tasks.plan(
          toTask({ sources: [source], preset: 'convert' }),
          { signal },
        )
        return { source: sources?.[0] ?? null, problem }
      }),
  )

  server.registerTool(
    'plan',
    {
      description:
        'Check an edit without rendering it: every invalid field, or the output files with their durations and sizes, and the time ' +
        'that rendering takes. Always plan before you create.',
      inputSchema: Edit,
      annotations: { readOnlyHint: true },
    },
    (edit, { signal }) =>
      reply(async () => {
        const { sources: _, ...plan } = await client.tasks.plan(toTask(edit), { signal })
        return plan
      }),
  )

  server.registerTool(
    'create',
    {
      description: 'Create a task that renders an edit. Returns its id at once; use wait for the result.',
      inputSchema: {
        ...Edit,
        idempotency_key: z
          .string()
          .optional()
          .describe('The same key within 24 hours never creates a second task.'),
      },
    },
    ({ idempotency_key, ...edit }, { signal }) =>
      reply(async () => {
        const { id, status } = await client.tasks.create(toTask(edit), {
          signal,
          idempotencyKey: idempotency_key,
        })
        return { id, status }
      }),
  )

  const TaskId = { id: z.string().describe('The id of the task.') }

  server.registerTool(
    'wait',
    {
      description: `Wait until a task has finished, ${MAX_WAIT_SECONDS} seconds at most; call it again while the status is queued or running.`,
      inputSchema: TaskId,
      annotations: { readOnlyHint: true },
    },
    ({ id }, { signal }) => reply(() => waitFor(id, client, signal)),
  )

  server.registerTool(
    'get',
    {
      description:
        'Get a task: its status, progress, error, and its outputs with links that play for an hour.',
      inputSchema: TaskId,
      annotations: { readOnlyHint: true },
    },
    ({ id }, { signal }) =>
      reply(async () => withLinks(await client.tasks.get(id, { signal }), client, signal)),
  )

  return server
}

async function waitFor(id: string, client: Client, signal: AbortSignal): Promise<Linked> {
  const timeout = AbortSignal.timeout(MAX_WAIT_SECONDS * 1000)
  try {
    return withLinks(
      await client.tasks.wait(id, { signal: AbortSignal.any([signal, timeout]) }),
      client,
      signal,
    )
  } catch (error) {
    signal.throwIfAborted()
    if (!timeout.aborted && !(error instanceof TaskFailedError)) throw error
    return withLinks(await client.tasks.get(id, { signal }), client, signal)
  }
}

/** The result as JSON text; an error as a result too, so that the model reads what to correct. */
async function reply(work: () => Promise<unknown>) {
  try {
    return { content: [{ type: 'text' as const, text: JSON.stringify(await work()) }] }
  } catch (error) {
    return { content: [{ type: 'text' as const, text: explain(error) }], isError: true }
  }
}

function explain(error: unknown): string {
  if (!(error instanceof CutroomError)) return error instanceof Error ? error.message : String(error)
  const { code, detail, errors, advice, retryable } = error
  return JSON.stringify({ code, detail, errors, advice, retryable })
}
