/**
 * Makes terraform/schema/google.json: every argument of the resources that terraform/ uses, with its type.
 * It reads the package @cdktf/provider-google, which HashiCorp generates from the provider's own schema:
 *
 *   npm pack @cdktf/provider-google@16.12.1 && tar xzf cdktf-provider-google-16.12.1.tgz
 *   node deploy/checks/extract-schema.ts package > terraform/schema/google.json
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Block, ProviderSchema } from './schema.ts'

type Member = { name: string; camel: string; optional: boolean; type: string; isBlock: boolean }

export const RESOURCES = [
  'artifact_registry_repository',
  'billing_budget',
  'cloud_run_v2_job',
  'cloud_run_v2_job_iam_member',
  'cloud_run_v2_service',
  'cloud_run_v2_service_iam_member',
  'cloud_scheduler_job',
  'compute_global_address',
  'compute_network',
  'compute_subnetwork',
  'artifact_registry_repository_iam_member',
  'logging_metric',
  'logging_project_bucket_config',
  'logging_project_sink',
  'monitoring_alert_policy',
  'monitoring_dashboard',
  'monitoring_notification_channel',
  'monitoring_uptime_check_config',
  'project_iam_member',
  'project_service',
  'pubsub_subscription',
  'pubsub_subscription_iam_member',
  'pubsub_topic',
  'pubsub_topic_iam_member',
  'secret_manager_secret',
  'secret_manager_secret_iam_member',
  'service_account',
  'service_account_iam_member',
  'service_networking_connection',
  'sql_database',
  'sql_database_instance',
  'sql_user',
  'storage_bucket',
  'storage_bucket_iam_member',
]
const DATA_SOURCES = ['project']

const TYPES: Record<string, string> = {
  string: 'string',
  number: 'number',
  'boolean | cdktf.IResolvable': 'bool',
  'string[]': 'list(string)',
  'number[]': 'list(number)',
  '{ [key: string]: string; }': 'map(string)',
}
const GETTERS: Record<string, string> = {
  String: 'string',
  Number: 'number',
  Boolean: 'bool',
  List: 'list(string)',
}

if (import.meta.main) {
  const folder = process.argv[2] ?? 'package'
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const schema: ProviderSchema = {
    source: `@cdktf/provider-google ${about.version}, generated from ${about.cdktf.provider.name}`,
    version: about.cdktf.provider.version,
    provider: block(folder, 'provider', 'GoogleProviderConfig', 'GoogleProvider'),
    resources: Object.fromEntries(RESOURCES.map((name) => [`google_${name}`, resource(folder, name, '')])),
    data: Object.fromEntries(
      DATA_SOURCES.map((name) => [`google_${name}`, resource(folder, name, 'DataGoogle')]),
    ),
  }
  console.log(JSON.stringify(schema, null, 1))
}

function resource(folder: string, name: string, prefix: string): Block {
  const pascal = name.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())
  const file = `${prefix ? 'data-google-' : ''}${name.replaceAll('_', '-')}`
  return block(folder, file, `${prefix}${pascal}Config`, `${prefix}${pascal}`)
}

function block(folder: string, file: string, config: string, main: string): Block {
  const types = readFileSync(join(folder, 'lib', file, 'index.d.ts'), 'utf8')
  const code = readFileSync(join(folder, 'lib', file, 'index.js'), 'utf8')
  return describe(config, main)

  function describe(interfaceName: string, className: string): Block {
    const made: Block = { attributes: {}, blocks: {} }
    for (const member of members(interfaceName)) {
      const bare = member.type.replace(/ \| cdktf\.IResolvable$/, '')
      const nested = bare.replace('[]', '')
      const flag = member.optional ? 'optional' : 'required'
      if (member.isBlock) {
        const inner = describe(nested, `${nested}OutputReference`)
        made.blocks[member.name] = {
          nesting: nesting(member, className),
          ...(flag === 'required' && { required: true }),
          ...inner,
        }
      } else if (TYPES[member.type] ?? TYPES[bare]) {
        const type = (TYPES[member.type] ?? TYPES[bare]) as string
        made.attributes[member.name] = `${setOr(type, member, className)} ${flag}`
      } else if (new RegExp(`interface ${nested} `).test(types)) {
        made.attributes[member.name] = `list(any) ${flag}`
      } else throw new Error(`${file}: the type of ${member.name} is not understood: ${member.type}`)
    }
    for (const [, camel, getter, name] of body(`class ${className} `, code).matchAll(
      /get (\w+)\(\) \{\s+return this\.get(String|Number|Boolean|List)Attribute\('(\w+)'\)/g,
    )) {
      const known = made.attributes[name as string]
      if (!known) made.attributes[name as string] = `${GETTERS[getter as string]} computed`
      void camel
    }
    for (const [, , name] of body(`class ${className} `, code).matchAll(
      /this\._(\w+) = new cdktf\.StringMap\(this, "(\w+)"\)/g,
    ))
      made.attributes[name as string] ??= 'map(string) computed'
    for (const [, list, name] of body(`class ${className} `, code).matchAll(
      /this\._\w+ = new (\w+List)\(this, "(\w+)"/g,
    )) {
      if (!made.blocks[name as string] && !made.attributes[name as string]) {
        void list
        made.attributes[name as string] = 'list(any) computed'
      }
    }
    return made
  }

  function members(interfaceName: string): Member[] {
    const text = `${body(`export interface ${interfaceName} `, types)}\n`
    return [
      ...text.matchAll(/\/\*\*([\s\S]*?)\*\/\s+readonly (\w+)(\??): ([\s\S]*?);\n(?= {4}\/\*\*|\s*$)/g),
    ].map((match) => {
      const [, comment = '', camel = '', mark, type = ''] = match
      const name = /#(\w+) \w+#\w+\}/.exec(comment)?.[1] ?? camel
      return {
        name,
        camel,
        optional: mark === '?',
        type: type.replace(/\s+/g, ' ').trim(),
        isBlock: new RegExp(`\\* ${name} block\\n`).test(comment),
      }
    })
  }

  /** list1 is a list that holds at most one. */
  function nesting(member: Member, _className: string): 'list1' | 'list' | 'set' | 'single' {
    if (member.name === 'timeouts') return 'single'
    const isArray = member.type.includes('[]')
    const set = new RegExp(`${member.name}: \\{\\s+value: [^\\n]+\\n\\s+isBlock: true,\\s+type: "set"`).test(
      code,
    )
    return set ? 'set' : isArray ? 'list' : 'list1'
  }

  function setOr(type: string, member: Member, _className: string): string {
    if (!type.startsWith('list(')) return type
    const set = new RegExp(`${member.name}: \\{\\s+value: [^\\n]+\\n\\s+isBlock: false,\\s+type: "set"`).test(
      code,
    )
    return set ? type.replace('list', 'set') : type
  }
}

/** The text between the braces of the declaration that starts with these words. */
function body(start: string, text: string): string {
  const at = text.indexOf(start)
  if (at < 0) return ''
  const end = text.indexOf('\n}', at)
  return text.slice(text.indexOf('{', at) + 1, end)
}
