/** What can be told of Terraform files without Terraform: pure, faults as lines that name file and line. */
import type { Expression, HclBlock, HclBody } from './hcl.ts'
import type { Block, ProviderSchema } from './schema.ts'

export type TerraformFile = { name: string; body: HclBody }

/** Arguments and blocks that Terraform itself adds to every resource. */
const META = new Set(['count', 'depends_on', 'for_each', 'lifecycle', 'provider'])

/** Every fault of a module, in the order of its files. */
export function terraformFaults(files: TerraformFile[], schema: ProviderSchema): string[] {
  const declared = declarations(files)
  return files.flatMap(({ name, body }) => [
    ...resourceFaults(name, body, schema),
    ...referenceFaults(name, body, declared, schema),
    ...orderFaults(name, body, 'variable'),
    ...orderFaults(name, body, 'output'),
    ...wordFaults(name, body),
  ])
}

/** Variables that a file of values names and the module does not, and those without default that it leaves out. */
export function valueFaults(name: string, values: HclBody, files: TerraformFile[]): string[] {
  const variables = blocksOf(files, 'variable')
  const known = new Set(variables.map(({ labels }) => labels[0]))
  const needed = variables
    .filter(({ body }) => !body.attributes.has('default'))
    .map(({ labels }) => labels[0] as string)
  return [
    ...[...values.attributes]
      .filter(([key]) => !known.has(key))
      .map(([key, { line }]) => `${name}:${line}: there is no variable ${key}`),
    ...needed
      .filter((key) => !values.attributes.has(key))
      .map((key) => `${name}: ${key} has no default and must be given`),
  ]
}

const blocksOf = (files: TerraformFile[], type: string): HclBlock[] =>
  files.flatMap(({ body }) => body.blocks.filter((block) => block.type === type))

function declarations(files: TerraformFile[]): Set<string> {
  return new Set([
    ...blocksOf(files, 'variable').map(({ labels }) => `var.${labels[0]}`),
    ...blocksOf(files, 'locals').flatMap(({ body }) =>
      [...body.attributes.keys()].map((key) => `local.${key}`),
    ),
    ...blocksOf(files, 'resource').map(({ labels }) => labels.join('.')),
    ...blocksOf(files, 'data').map(({ labels }) => `data.${labels.join('.')}`),
  ])
}

function resourceFaults(file: string, body: HclBody, schema: ProviderSchema): string[] {
  return body.blocks.flatMap((block) => {
    const kinds = { data: schema.data, resource: schema.resources }[block.type]
    if (!kinds) return []
    const [type = '', name = ''] = block.labels
    const known = kinds[type]
    return known
      ? bodyFaults(`${file}:${block.line}: ${type}.${name}`, block.body, known, true)
      : [`${file}:${block.line}: terraform/schema/google.json does not have ${type}`]
  })
}

function bodyFaults(where: string, body: HclBody, known: Block, top: boolean): string[] {
  const blocks = body.blocks.filter(({ type }) => !(top && META.has(type))).map(unrolled)
  const given = new Set([...body.attributes.keys(), ...blocks.map(({ type }) => type)])
  const needed = [
    ...Object.entries(known.attributes).filter(([, text]) => text.endsWith(' required')),
    ...Object.entries(known.blocks).filter(([, { required }]) => required),
  ]
  return [
    ...[...body.attributes.keys()]
      .filter((name) => !(top && META.has(name)))
      .filter((name) => (known.attributes[name] ?? 'computed').endsWith('computed'))
      .map((name) => `${where}: there is no argument ${name}`),
    ...needed.filter(([name]) => !given.has(name)).map(([name]) => `${where}: ${name} is missing`),
    ...blocks.flatMap(({ type, body: inner }) => {
      const nested = known.blocks[type]
      return nested
        ? bodyFaults(`${where}.${type}`, inner, nested, false)
        : [`${where}: there is no block ${type}`]
    }),
  ]
}

/** `dynamic "env" { content { … } }` is an env block. */
function unrolled(block: HclBlock): { type: string; body: HclBody } {
  if (block.type !== 'dynamic') return block
  const content = block.body.blocks.find(({ type }) => type === 'content')
  return { type: block.labels[0] ?? '', body: content?.body ?? { attributes: new Map(), blocks: [] } }
}

function referenceFaults(
  file: string,
  body: HclBody,
  declared: Set<string>,
  schema: ProviderSchema,
): string[] {
  return expressions(body).flatMap(({ code, line }) =>
    [
      ...code.matchAll(/(?<![\w.])(?:data\.)?(?:var|local|google_\w+)\.\w+(?:(?:\[[^\]]*\])?\.(\w+))?/g),
    ].flatMap((match) => {
      const target = (/^(?:data\.)?\w+\.\w+/.exec(match[0]) as RegExpExecArray)[0]
      if (!declared.has(target)) return [`${file}:${line}: ${target} is not declared`]
      const kind = target.startsWith('data.')
        ? schema.data[target.split('.')[1] as string]
        : schema.resources[target.split('.')[0] as string]
      const attribute = match[1]
      if (!kind || !attribute || attribute in kind.attributes || attribute in kind.blocks) return []
      return [`${file}:${line}: ${target} has no attribute ${attribute}`]
    }),
  )
}

/** Every expression of a body, those of `lifecycle` aside: they name arguments, not values. */
export function expressions(body: HclBody): Expression[] {
  const inner = body.blocks.filter(({ type }) => type !== 'lifecycle')
  return [...body.attributes.values(), ...inner.flatMap((block) => expressions(block.body))]
}

function orderFaults(file: string, body: HclBody, type: string): string[] {
  const names = body.blocks.filter((block) => block.type === type).map(({ labels }) => labels[0] as string)
  const wrong = names.find((name, at) => at > 0 && name < (names[at - 1] as string))
  return wrong ? [`${file}: ${type}s are alphabetical, and ${wrong} is not in its place`] : []
}

function wordFaults(file: string, body: HclBody): string[] {
  const wanted: Record<string, string[]> = { variable: ['description', 'type'], output: ['description'] }
  return body.blocks.flatMap(({ type, labels, body: { attributes }, line }) =>
    (wanted[type] ?? [])
      .filter((word) => !attributes.has(word))
      .map((word) => `${file}:${line}: ${type} ${labels[0]} has no ${word}`),
  )
}
