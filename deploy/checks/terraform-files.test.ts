import { expect, test } from '@jest/globals'
import {
  declarationIssues,
  lockIssues,
  moduleValues,
  outputIssues,
  terraformEnvironments,
  valueIssues,
} from './terraform-files.ts'

const file = (text: string, name = 'a.tf') => ({ name, text })

test('settings are found in env blocks, in maps and in the shared map', () => {
  const text = `
locals {
  shared_env = merge({
    BUCKET    = "b"
    LOG_LEVEL = var.x == "A" ? 1 : 2
    # OLD_NAME = 1
  }, var.mail_from == "" ? {} : { MAIL_FROM = var.mail_from })

  other = { NOT_SHARED = 1 }
}

resource "google_cloud_run_v2_service" "web" {
  dynamic "env" {
    for_each = merge(local.shared_env, { PORT = "1" })
    content {
      name = env.key
    }
  }
  env {
    name = "JWT_SECRET"
  }
}
`
  const environments = terraformEnvironments([file(text)])
  expect(Object.keys(environments['google_cloud_run_v2_service.web'] ?? {})).toEqual([
    'BUCKET',
    'LOG_LEVEL',
    'MAIL_FROM',
    'PORT',
    'JWT_SECRET',
  ])
})

test('variables out of alphabetical order or without a description are reported', () => {
  const variable = (name: string, more = '') => `variable "${name}" {\n  type = string\n${more}}\n`
  expect(declarationIssues(file(variable('b', '  description = "B"\n') + variable('a')))).toEqual([
    'a.tf: variable a has no description',
    'a.tf: variable a is out of alphabetical order',
  ])
})

test('example values must name variables that exist and all that have no default', () => {
  const module = [file('variable "a" {\n}\n\nvariable "b" {\n  default = 1\n}\n')]
  expect(valueIssues(file('c = 1\n', 'dev.tfvars'), module)).toEqual([
    'dev.tfvars: there is no variable c',
    'dev.tfvars: a has no default and is not set',
  ])
})

test('an environment gives its module values, and passes on its outputs', () => {
  const environment = file('module "cutroom" {\n  source = "../.."\n\n  a = 1\n  b = 2\n}\n', 'main.tf')
  const module = [file('variable "a" {\n}\n')]
  expect(valueIssues(moduleValues(environment), module)).toEqual(['main.tf: there is no variable b'])
  const outputs = file('output "url" {\n}\n', 'outputs.tf')
  expect(outputIssues(file('output "uri" {\n}\n', 'dev/outputs.tf'), outputs)).toEqual([
    'dev/outputs.tf: output url is missing',
    'dev/outputs.tf: there is no output uri',
  ])
})

test('a provider that is not locked as the module requires it, and environments with other providers, are reported', () => {
  const lock = (name: string, constraint: string) =>
    file(
      `provider "registry.terraform.io/hashicorp/time" {\n  version     = "1.2.3"\n  constraints = "${constraint}"\n}\n`,
      name,
    )
  const versions = file(
    'terraform {\n  required_providers {\n    time = {\n      source  = "hashicorp/time"\n      version = "~> 1.2"\n    }\n  }\n}\n',
  )
  expect(lockIssues([lock('dev', '~> 1.2'), lock('prod', '~> 1.2')], versions)).toEqual([])
  expect(lockIssues([lock('dev', '~> 1.2'), lock('prod', '~> 1.1')], versions)).toEqual([
    'prod: hashicorp/time ~> 1.2 is not locked: run terraform init',
    'prod: not the same providers as dev',
  ])
  expect(lockIssues([file('', 'dev')], versions)).toEqual([
    'dev: hashicorp/time ~> 1.2 is not locked: run terraform init',
  ])
})
