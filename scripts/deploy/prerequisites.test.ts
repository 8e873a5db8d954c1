import { describe, expect, test } from '@jest/globals'
import { computeNeeds } from './needs.ts'
import {
  billing,
  CONSTRAINTS,
  isAtLeast,
  program,
  project,
  quota,
  quotaIn,
  region,
  report,
} from './prerequisites.ts'

const needs = { cpu: 4, memoryGib: 10, isPublic: true }
const judge = (constraint: string, rule: object, where = 'europe-west1', isPublic = true) =>
  CONSTRAINTS[constraint]?.({ spec: { rules: [rule] } }, { ...needs, isPublic }, where).state

test('versions are compared by number', () => {
  expect(isAtLeast('1.11.4', '1.11')).toBe(true)
  expect(isAtLeast('1.9.8', '1.11')).toBe(false)
  expect(isAtLeast('528.0.0', '500')).toBe(true)
  expect(program('Terraform', '1.9.8', '1.11', 'x')).toMatchObject({
    state: 'missing',
    remedy: 'update it: x',
  })
  expect(program('Terraform', undefined, '1.11', 'x')).toMatchObject({ remedy: 'install it: x' })
})

test('a project must exist and be active', () => {
  expect(project('clips', { lifecycleState: 'ACTIVE' }).state).toBe('ok')
  expect(project('clips', { lifecycleState: 'DELETE_REQUESTED' }).what).toBe(
    'project clips is DELETE_REQUESTED',
  )
  expect(project('clips', undefined).what).toContain('does not exist')
})

test('a project must have a billing account that is open', () => {
  expect(billing('clips', { billingEnabled: true, billingAccountName: 'billingAccounts/1' }).state).toBe('ok')
  expect(billing('clips', { billingEnabled: false })).toMatchObject({
    state: 'missing',
    what: 'no billing account',
  })
  expect(billing('clips', { billingAccountName: 'billingAccounts/1' }).what).toBe(
    'the billing account is closed',
  )
})

test('a region must be one of Cloud Run', () => {
  const regions = [{ locationId: 'europe-west1' }, { locationId: 'us-central1' }]
  expect(region('europe-west1', regions).state).toBe('ok')
  expect(region('europe-west99', regions)).toMatchObject({
    what: 'Cloud Run has no region europe-west99',
    remedy: 'one of europe-west1, us-central1',
  })
})

describe('quota', () => {
  const info = {
    dimensionsInfos: [
      { dimensions: { region: 'us-central1' }, details: { value: '80000' } },
      { details: { value: '20000' }, applicableLocations: ['europe-west1', 'europe-west4'] },
    ],
  }

  test('is that of the region, else that of all', () => {
    expect(quotaIn('us-central1', info)).toBe(80_000)
    expect(quotaIn('europe-west1', info)).toBe(20_000)
    expect(quotaIn('asia-east1', { dimensionsInfos: [{ details: { value: '5' } }] })).toBe(5)
    expect(quotaIn('asia-east1', {})).toBeUndefined()
  })

  test('must suffice', () => {
    expect(quota('Cpu', 20, 20, 'vCPUs').state).toBe('ok')
    expect(quota('Cpu', 91, 20, 'vCPUs')).toMatchObject({
      state: 'missing',
      what: 'Cpu: 91 vCPUs needed, 20 allowed',
    })
    expect(quota('Cpu', 91, -1, 'vCPUs').what).toContain('unlimited')
    expect(quota('Cpu', 91, undefined, 'vCPUs').state).toBe('unknown')
  })
})

test('policies that forbid what the deployment does are reported', () => {
  expect(judge('run.managed.requireInvokerIam', { enforce: true })).toBe('missing')
  expect(judge('run.managed.requireInvokerIam', { enforce: true }, 'europe-west1', false)).toBe('ok')
  expect(judge('run.managed.requireInvokerIam', {})).toBe('ok')
  expect(judge('compute.restrictVpcPeering', { denyAll: true })).toBe('missing')
  expect(judge('iam.disableServiceAccountCreation', { enforce: true })).toBe('missing')
  expect(judge('iam.disableServiceAccountCreation', { enforce: false })).toBe('ok')
})

test('a region must be within the allowed locations', () => {
  const allowed = (...allowedValues: string[]) => ({ values: { allowedValues } })
  const of = (...values: string[]) => judge('gcp.resourceLocations', allowed(...values))
  expect(of()).toBe('ok')
  expect(of('in:europe-west1-locations')).toBe('ok')
  expect(of('in:europe-locations')).toBe('ok')
  expect(of('in:us-locations', 'europe-west4')).toBe('missing')
})

test('what is missing decides the exit code; what is unknown does not', () => {
  const finding = (state: 'ok' | 'missing' | 'unknown') => ({ state, what: 'this', remedy: 'that' })
  expect(report([finding('ok'), finding('unknown')]).code).toBe(0)
  expect(report([finding('ok'), finding('missing')])).toEqual({
    code: 1,
    lines: ['ok       this\n         → that', 'MISSING  this\n         → that'],
  })
})

test('an environment needs what its own values say, and the defaults of the module', () => {
  const variable = (name: string, value: number) => `variable "${name}" {\n  default = ${value}\n}\n`
  const variables = Object.entries({
    batch_cpu: 4,
    batch_max_instances: 3,
    batch_memory_gib: 12,
    long_job_executions: 0,
    web_cpu: 1,
    web_max_instances: 3,
    web_memory_mib: 512,
    worker_pool_instances: 0,
  }).map(([name, value]) => variable(name, value))
  const main = 'module "cutroom" {\n  batch_cpu  = 2\n  web_public = var.web_public\n}\n'
  expect(computeNeeds(main, variables.join(''))).toEqual({ cpu: 10, memoryGib: 38, isPublic: true })
  expect(computeNeeds(main, variables.join(''), 'web_public = false\n').isPublic).toBe(false)
  const longJobs = main.replace('{\n', '{\n  long_job_executions = 1\n')
  expect(computeNeeds(longJobs, variables.join(''))).toEqual({ cpu: 12, memoryGib: 50, isPublic: true })
})
