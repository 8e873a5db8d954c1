/** The parts of a JSON schema that types come from. */
type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  description?: string
}

type Body = { content?: Record<string, { schema?: Schema }> }

type DocumentOperation = {
  operationId: string
  parameters?: { name: string; schema?: Schema }[]
  requestBody?: Body
  responses: Record<string, Body>
}

/** An OpenAPI document, as far as types come from it. */
export type TypedDocument = {
  components: { schemas: Record<string, Schema> }
  paths: Record<string, Record<string, DocumentOperation>>
}

/** The types of an operation, as expressions of Python; `args` are those of its parameters, by the names in the document. */
export type OperationTypes = { args: Record<string, string>; body: string | undefined; reply: string }

/** How an expression names a type that is declared elsewhere. */
type Refer = (name: string) => string

const SIMPLE: Record<string, string> = {
  string: 'str',
  integer: 'int',
  number: 'float',
  boolean: 'bool',
  null: 'None',
}

/**
 * A TypedDict for each object of the contract, by its name in the OpenAPI document; objects without a name have that of their field after
 * that of their owner. Also the types of each operation, by its name. Pure.
 */
export function pythonTypes(document: TypedDocument) {
  const classes = new Map<string, string>()
  const aliases = new Map<string, string>()
  const { schemas } = document.components

  function declare(name: string, { properties = {}, required = [], description }: Schema): void {
    if (classes.has(name)) throw new Error(`Two objects of the contract would be called ${name} in Python.`)
    // Its place is before those of its fields.
    classes.set(name, '')
    const fields = Object.entries(properties).map(([field, schema]) => {
      const type = expression(schema, name + toPascalCase(field), quoted)
      return `    ${field}: ${required.includes(field) ? type : `NotRequired[${type}]`}\n`
    })
    classes.set(
      name,
      `class ${name}(TypedDict):\n${docstring(description)}${fields.join('') || '    pass\n'}`,
    )
  }

  function expression(schema: Schema, name: string, refer: Refer): string {
    const { $ref, type, items, properties, additionalProperties: others } = schema
    if ($ref) return refer($ref.split('/').at(-1) ?? '')
    if ('const' in schema) return `Literal[${toLiteral(schema.const)}]`
    if (schema.enum) return literals(schema.enum)
    const alternatives = schema.anyOf ?? schema.oneOf ?? alternativesOf(schema)
    if (alternatives) {
      const isSeveral = alternatives.filter(({ properties }) => properties).length > 1
      return union(
        alternatives.map((one, index) => expression(one, isSeveral ? `${name}${index + 1}` : name, refer)),
      )
    }
    if (type === 'array') return `List[${expression(items ?? {}, name.replace(/s$/, ''), refer)}]`
    if (properties) {
      declare(name, schema)
      return refer(name)
    }
    if (type === 'object') {
      const isTyped = typeof others === 'object' && Object.keys(others).length > 0
      return `Dict[str, ${isTyped ? expression(others, `${name}Value`, refer) : 'Any'}]`
    }
    return SIMPLE[String(type)] ?? 'Any'
  }

  function operationTypes({
    operationId,
    parameters = [],
    requestBody,
    responses,
  }: DocumentOperation): OperationTypes {
    const name = toPascalCase(operationId)
    const json = (body: Body | undefined) => body?.content?.['application/json']?.schema
    const body = json(requestBody)
    const replies = Object.entries(responses).flatMap(([status, reply]) => {
      if (json(reply)) return [expression(json(reply) ?? {}, `${name}Reply`, qualified)]
      // Redirects are followed.
      if (/^2|304/.test(status)) return [reply.content ? 'bytes' : 'None']
      return []
    })
    return {
      args: Object.fromEntries(
        parameters.map(({ name: arg, schema = {} }) => [arg, expression(schema, name, qualified)]),
      ),
      body: body && expression(body, `${name}Body`, qualified),
      reply: union(replies),
    }
  }

  for (const [name, schema] of Object.entries(schemas)) {
    if (schema.properties) declare(name, schema)
    else aliases.set(name, `${name} = ${expression(schema, name, (other) => other)}\n`)
  }
  const operations = new Map(
    Object.values(document.paths)
      .flatMap((methods) => Object.values(methods))
      .map((operation) => [operation.operationId, operationTypes(operation)]),
  )
  return { classes: [...classes.values()], aliases: [...aliases.values()], operations }
}

const quoted: Refer = (name) => `"${name}"`
const qualified: Refer = (name) => `types.${name}`

/** A schema of several types, as one for each. */
const alternativesOf = (schema: Schema): Schema[] | undefined =>
  Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : undefined

function union(types: string[]): string {
  const others = [...new Set(types)].filter((type) => type !== 'None')
  const all = others.length > 1 ? `Union[${others.join(', ')}]` : (others[0] ?? 'None')
  return others.length > 0 && types.includes('None') ? `Optional[${all}]` : all
}

function literals(values: unknown[]): string {
  const others = values.filter((value) => value !== null)
  return union([`Literal[${others.map(toLiteral).join(', ')}]`, ...(values.includes(null) ? ['None'] : [])])
}

function toLiteral(value: unknown): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value)
}

const docstring = (text: string | undefined) =>
  text ? `    """${text.replaceAll('\\', '\\\\').replaceAll('"', "'")}"""\n\n` : ''

const toPascalCase = (name: string) =>
  name.replace(/(?:^|_|-)(\w)/g, (_, letter: string) => letter.toUpperCase())
