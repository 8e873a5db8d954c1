/**
 * A stand-in for the google provider: it knows the schema in terraform/schema/google.json and does nothing.
 * With it `terraform validate` and `terraform test` (which mocks the provider's answers) work where the real
 * one cannot be downloaded. Terraform starts it as it starts any plugin, and speaks gRPC with it:
 * https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol (version 5).
 */
import { readFileSync } from 'node:fs'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { join } from 'node:path'
import type { Block, NestedBlock, ProviderSchema } from './schema.ts'

const SCHEMA = join(import.meta.dirname, '../../terraform/schema/google.json')
const NESTING = { single: 1, list: 2, list1: 2, set: 3 } as const
const UNIMPLEMENTED = '12'

if (import.meta.main) serve(JSON.parse(readFileSync(SCHEMA, 'utf8')))

/** Listens, and says where on the first line of stdout, as Terraform expects of a plugin. */
function serve(schema: ProviderSchema): void {
  const answers: Record<string, (request: Buffer) => Buffer> = {
    '/tfplugin5.Provider/GetSchema': () => encodeSchemas(schema),
    // The reply has the shape of the request: the configuration, as it came.
    '/tfplugin5.Provider/PrepareProviderConfig': (request) => request,
    '/tfplugin5.Provider/ValidateResourceTypeConfig': () => Buffer.alloc(0),
    '/tfplugin5.Provider/ValidateDataSourceConfig': () => Buffer.alloc(0),
    '/tfplugin5.Provider/Configure': () => Buffer.alloc(0),
    '/tfplugin5.Provider/Stop': () => Buffer.alloc(0),
    '/plugin.GRPCController/Shutdown': () => {
      setImmediate(() => process.exit(0))
      return Buffer.alloc(0)
    },
  }
  const server = createServer()
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => reply(stream, answers[String(headers[':path'])], Buffer.concat(parts)))
    stream.on('error', () => stream.close())
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('The server has no port')
    process.stdout.write(`1|5|tcp|127.0.0.1:${address.port}|grpc\n`)
  })
}

/** One gRPC message is a byte that says whether it is compressed, four of length, and the message. */
function reply(stream: ServerHttp2Stream, answer: ((request: Buffer) => Buffer) | undefined, body: Buffer) {
  const type = { ':status': 200, 'content-type': 'application/grpc' }
  if (!answer) {
    stream.respond({ ...type, 'grpc-status': UNIMPLEMENTED }, { endStream: true })
    return
  }
  const message = answer(body.subarray(5))
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  stream.respond(type, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.concat([head, message]))
}

/** The reply to GetSchema: field numbers are those of tfplugin5.proto. */
export function encodeSchemas(schema: ProviderSchema): Buffer {
  const entries = (field: number, blocks: Record<string, Block>) =>
    Object.entries(blocks).map(([name, block]) =>
      bytes(field, Buffer.concat([bytes(1, name), bytes(2, versioned(block))])),
    )
  return Buffer.concat([
    bytes(1, versioned(schema.provider)),
    ...entries(2, schema.resources),
    ...entries(3, schema.data),
  ])
}

const versioned = (block: Block): Buffer => bytes(2, encodeBlock(block))

function encodeBlock(block: Block): Buffer {
  return Buffer.concat([
    ...Object.entries(block.attributes).map(([name, text]) => bytes(2, encodeAttribute(name, text))),
    ...Object.entries(block.blocks).map(([name, nested]) => bytes(3, encodeNested(name, nested))),
  ])
}

function encodeAttribute(name: string, text: string): Buffer {
  const [type = '', use] = text.split(' ')
  return Buffer.concat([
    bytes(1, name),
    bytes(2, JSON.stringify(wireType(type))),
    ...(use === 'required' ? [number(4, 1)] : []),
    ...(use === 'optional' ? [number(5, 1)] : []),
    // The extract does not say which optional arguments the provider fills in; ids it always does.
    ...(use === 'computed' || (name === 'id' && use === 'optional') ? [number(6, 1)] : []),
  ])
}

function encodeNested(name: string, nested: NestedBlock): Buffer {
  return Buffer.concat([
    bytes(1, name),
    bytes(2, encodeBlock(nested)),
    number(3, NESTING[nested.nesting]),
    ...(nested.required ? [number(4, 1)] : []),
    ...(nested.nesting === 'list1' ? [number(5, 1)] : []),
  ])
}

/** `list(string)` as Terraform's JSON has it: ["list","string"]. */
function wireType(type: string): unknown {
  const [, outer, inner = ''] = /^(list|set|map)\((\w+)\)$/.exec(type) ?? []
  if (inner === 'any') return 'dynamic'
  return outer ? [outer, inner] : type
}

/** A protobuf field that holds bytes: tag, length, bytes. */
function bytes(field: number, value: Buffer | string): Buffer {
  const content = Buffer.from(value as string)
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content])
}

/** A protobuf field that holds a whole number. */
const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)])

function varint(value: number): Buffer {
  const made: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...made, rest])
    made.push((rest & 127) | 128)
  }
}
