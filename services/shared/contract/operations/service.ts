import { z } from 'zod'
import type { Operation } from '../operation.ts'
import { PresetList } from '../presets.ts'

const Health = z.object({ status: z.literal('ok') })

export const serviceOperations = {
  presets: {
    id: 'presets',
    method: 'get',
    path: '/presets',
    summary: 'List presets',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'All presets', body: PresetList } },
  },
  openapi: {
    id: 'openapi',
    method: 'get',
    path: '/openapi.json',
    summary: 'Get the OpenAPI document',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'OpenAPI 3.1', body: z.looseObject({ openapi: z.string() }) } },
  },
  securityTxt: {
    id: 'securityTxt',
    method: 'get',
    path: '/.well-known/security.txt',
    summary: 'Get the security contact',
    description: 'Where to report vulnerabilities (RFC 9116). 404 unless `SECURITY_CONTACT` is set.',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'A security.txt file', body: 'text/plain' } },
    problems: [404],
  },
  metrics: {
    id: 'metrics',
    method: 'get',
    path: '/metrics',
    summary: 'Get metrics',
    description:
      'Needs `METRICS_TOKEN` of the service as its bearer token. Without it, where it is not set, and where `METRICS_PORT` moves ' +
      'the metrics to another port, the reply is 404.',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'Metrics in the Prometheus text format', body: 'text/plain' } },
    problems: [404],
  },
  live: {
    id: 'live',
    method: 'get',
    path: '/health/live',
    summary: 'Check liveness',
    description: 'Answers as long as the process runs.',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'The process is running', body: Health } },
  },
  ready: {
    id: 'ready',
    method: 'get',
    path: '/health/ready',
    summary: 'Check readiness',
    description: 'Checks that the database and the storage answer.',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'The service can handle requests', body: Health } },
    problems: [503],
  },
} as const satisfies Record<string, Operation>
