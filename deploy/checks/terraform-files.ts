/**
 * What Terraform itself cannot check: that containers are given settings which config.ts knows, that environments pass on every
 * output, and the order of declarations. Works on text: `terraform fmt` guarantees that a top-level block ends with `}` in
 * the first column.
 */
import { sampleValue } from './environment.ts'

export type TerraformFile = { name: string; text: string }
type Block = { type: string; labels: string[]; body: string }
type Env = Record<string, string>

/** The top-level blocks of a file, with their text. Comments are left out. */
function topLevelBlocks(text: string): Block[] {
  const code = text.replaceAll(/^[ \t]*#.*\n/gm, '')
  return [...code.matchAll(/^(\w+)((?: "[^"]+")*) \{(.*\}$|\n(?:[\s\S]*?\n)??\}$)/gm)].map(
    ([, type = '', labels = '', body = '']) => ({
      type,
      labels: [...labels.matchAll(/"([^"]+)"/g)].map(([, label = '']) => label),
      body,
    }),
  )
}

/** Settings of each Cloud Run service and job, by resource, with sample values of the right kind. */
export function terraformEnvironments(files: TerraformFile[]): Record<string, Env> {
  const blocks = files.flatMap(({ text }) => topLevelBlocks(text))
  const locals = blocks.filter(({ type }) => type === 'locals').map(({ body }) => body)
  const maps = [...locals.join('\n').matchAll(/\n {2}(\w+_env) = ([\s\S]*?)(?=\n\n|\n {2}\w+ +=|\n\}|$)/g)]
  const containers = blocks.filter(({ labels }) =>
    /^google_cloud_run_v2_(service|job|worker_pool)$/.test(labels[0] ?? ''),
  )
  return Object.fromEntries(
    containers.map(({ labels, body }) => {
      const shared = maps.flatMap(([, name, map = '']) =>
        body.includes(`local.${name}`) ? settingNames(map) : [],
      )
      const names = [...shared, ...settingNames(body)]
      return [labels.join('.'), Object.fromEntries(names.map((name) => [name, sampleValue(name)]))]
    }),
  )
}

/** Names of settings: keys of maps, and `name` in `env` blocks. */
const settingNames = (text: string): string[] =>
  [...text.matchAll(/(?<![\w.])([A-Z][A-Z0-9_]*) *=(?!=)|env \{\s*name *= *"([A-Z][A-Z0-9_]*)"/g)].map(
    ([, key, name]) => key ?? name ?? '',
  )

/** Variables and outputs are in alphabetical order and described. */
export function declarationIssues({ name, text }: TerraformFile): string[] {
  const blocks = topLevelBlocks(text)
  const undescribed = blocks
    .filter(({ type, body }) => /^(variable|output)$/.test(type) && !/^ {2}description *=/m.test(body))
    .map(({ type, labels }) => `${name}: ${type} ${labels[0]} has no description`)
  const unordered = ['variable', 'output'].flatMap((type) => {
    const names = blocks.filter((block) => block.type === type).map(({ labels }) => labels[0] ?? '')
    const misplaced = names.find((one, index) => index > 0 && one < (names[index - 1] ?? ''))
    return misplaced ? [`${name}: ${type} ${misplaced} is out of alphabetical order`] : []
  })
  return [...undescribed, ...unordered]
}

/** What an environment gives the module: the arguments of its `module` block, as values of variables. */
export function moduleValues({ name, text }: TerraformFile): TerraformFile {
  const [block] = topLevelBlocks(text).filter(({ type }) => type === 'module')
  const values = block?.body.replaceAll(/^ {2}/gm, '').replace(/^source *=.*\n/m, '') ?? ''
  return { name, text: values }
}

/** Outputs that an environment does not pass on, or that the module does not have. */
export function outputIssues(environment: TerraformFile, module: TerraformFile): string[] {
  const outputs = (text: string) => new Set([...text.matchAll(/^output "(\w+)"/gm)].map(([, name]) => name))
  const [own, all] = [outputs(environment.text), outputs(module.text)]
  return [
    ...[...all]
      .filter((name) => !own.has(name))
      .map((name) => `${environment.name}: output ${name} is missing`),
    ...[...own]
      .filter((name) => !all.has(name))
      .map((name) => `${environment.name}: there is no output ${name}`),
  ]
}

/**
 * Providers of the module that an environment's lock file leaves out, or locks under another constraint, and what differs between
 * the environments' lock files: they are deployed with the same providers.
 */
export function lockIssues(locks: TerraformFile[], versions: TerraformFile): string[] {
  const required = [...versions.text.matchAll(/source += +"([^"]+)"\s+version += +"([^"]+)"/g)]
  return locks.flatMap(({ name, text }) => [
    ...required
      .filter(([, source, constraint]) => {
        const [, locked] =
          new RegExp(`"registry\\.terraform\\.io/${source}" \\{[^}]*constraints = "([^"]+)"`).exec(text) ?? []
        return locked !== constraint
      })
      .map(([, source, constraint]) => `${name}: ${source} ${constraint} is not locked: run terraform init`),
    ...(text === locks[0]?.text ? [] : [`${name}: not the same providers as ${locks[0]?.name}`]),
  ])
}

/** Values are those of variables that exist, and every variable without a default. */
export function valueIssues(values: TerraformFile, files: TerraformFile[]): string[] {
  const variables = files
    .flatMap(({ text }) => topLevelBlocks(text))
    .filter(({ type }) => type === 'variable')
  const names = variables.map(({ labels }) => labels[0] ?? '')
  const required = variables
    .filter(({ body }) => !/^ {2}default *=/m.test(body))
    .map(({ labels }) => labels[0] ?? '')
  const given = [...values.text.matchAll(/^(\w+) *=/gm)].map(([, key = '']) => key)
  return [
    ...given
      .filter((key) => !names.includes(key))
      .map((key) => `${values.name}: there is no variable ${key}`),
    ...required
      .filter((key) => !given.includes(key))
      .map((key) => `${values.name}: ${key} has no default and is not set`),
  ]
}
