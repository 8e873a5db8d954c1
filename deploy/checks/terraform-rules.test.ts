import { expect, test } from '@jest/globals'
import { readHcl } from './hcl.ts'
import type { ProviderSchema } from './schema.ts'
import { terraformFaults, valueFaults } from './terraform-rules.ts'

const schema: ProviderSchema = {
  source: 'made up',
  version: '1',
  provider: { attributes: {}, blocks: {} },
  resources: {
    google_topic: {
      attributes: { name: 'string required', labels: 'map(string) optional', id: 'string computed' },
      blocks: { policy: { nesting: 'list1', attributes: { ttl: 'string required' }, blocks: {} } },
    },
  },
  data: { google_project: { attributes: { number: 'string computed' }, blocks: {} } },
}
const faults = (text: string) => terraformFaults([{ name: 'a.tf', body: readHcl(text, 'a.tf') }], schema)

test('a file that uses only what there is has no faults', () => {
  expect(
    faults(`
      variable "name" {
        description = "A name"
        type        = string
      }
      locals { label = "x-\${var.name}-\${data.google_project.this.number}" }
      data "google_project" "this" {}
      resource "google_topic" "jobs" {
        name   = local.label # a comment with var.nothing in it
        labels = { a = "var.nothing in words" }
        policy { ttl = "" }
        lifecycle { ignore_changes = [labels] }
      }
      output "topic" {
        description = "The topic"
        value       = google_topic.jobs.id
      }`),
  ).toEqual([])
})

test.each([
  [
    'an argument that is not in the schema',
    'name = "a"\n colour = "red"',
    'a.tf:1: google_topic.t: there is no argument colour',
  ],
  [
    'an argument that only the provider sets',
    'name = "a"\n id = "b"',
    'a.tf:1: google_topic.t: there is no argument id',
  ],
  ['a needed argument left out', 'labels = {}', 'a.tf:1: google_topic.t: name is missing'],
  [
    'a block that is not in the schema',
    'name = "a"\n rule {\n }',
    'a.tf:1: google_topic.t: there is no block rule',
  ],
  [
    'a fault inside a block',
    'name = "a"\n policy {\n age = 1\n ttl = ""\n }',
    'a.tf:1: google_topic.t.policy: there is no argument age',
  ],
  [
    'a fault inside a dynamic block',
    'name = "a"\n dynamic "policy" {\n for_each = []\n content {\n }\n }',
    'a.tf:1: google_topic.t.policy: ttl is missing',
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the file, not of this one.
  ['a variable that is not declared', 'name = "a-${var.nothing}"', 'a.tf:2: var.nothing is not declared'],
  [
    'a resource that is not declared',
    'name = google_topic.other.id',
    'a.tf:2: google_topic.other is not declared',
  ],
  [
    'an attribute that the resource has not',
    'name = google_topic.t[0].uri',
    'a.tf:2: google_topic.t has no attribute uri',
  ],
])('%s is named', (_what, content, fault) => {
  expect(faults(`resource "google_topic" "t" {\n ${content}\n}`)).toEqual([fault])
})

test('a kind of resource the extract does not have is named', () => {
  expect(faults('resource "google_queue" "t" {\n}')).toEqual([
    'a.tf:1: terraform/schema/google.json does not have google_queue',
  ])
})

test('variables out of order or without words are named', () => {
  const variable = (name: string, more = '') => `variable "${name}" {\n type = string\n ${more}\n}\n`
  expect(faults(variable('b', 'description = "B"') + variable('a'))).toEqual([
    'a.tf: variables are alphabetical, and a is not in its place',
    'a.tf:5: variable a has no description',
  ])
})

test('a file of values may name only variables, and must name those without default', () => {
  const module = [
    { name: 'a.tf', body: readHcl('variable "a" {\n}\nvariable "b" {\n default = 1\n}', 'a.tf') },
  ]
  expect(valueFaults('dev.tfvars', readHcl('c = 1', 'dev.tfvars'), module)).toEqual([
    'dev.tfvars:1: there is no variable c',
    'dev.tfvars: a has no default and must be given',
  ])
})

test.each([
  ['a block that is not closed', 'a {\n b = 1\n', /a\.tf:3: a block is not closed/],
  ['a bracket that is not closed', 'a = [1,\n', /a\.tf:2: a bracket is not closed/],
  ['a string that is not closed', 'a = "b\n', /a string is not closed/],
  ['an argument given twice', 'a = 1\na = 2\n', /a\.tf:2: a is given twice/],
])('%s does not parse', (_what, text, message) => {
  expect(() => readHcl(text, 'a.tf')).toThrow(message)
})

test('a text of several lines is one value, and its templates count', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the file, not of this one.
  const body = readHcl('a = <<-EOT\n  one { ${var.x} "two"\n  EOT\nb = 1', 'a.tf')
  expect([...body.attributes.keys()]).toEqual(['a', 'b'])
  expect(body.attributes.get('a')?.code).toContain('var.x')
  expect(body.attributes.get('a')?.code).not.toContain('two')
})
