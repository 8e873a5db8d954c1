import { z } from 'zod'
import { resendExamples, rotateExamples, webhookExamples } from '../examples.ts'
import { Uuid } from '../id.ts'
import type { Operation } from '../operation.ts'
import { DeliveriesQuery, DeliveryList, Resend, Resent, WebhookDelivery } from '../webhooks/deliveries.ts'
import {
  CreateWebhook,
  NewWebhook,
  ReplaceWebhook,
  RotateSecret,
  Webhook,
  WebhookList,
} from '../webhooks/endpoints.ts'

const WebhookId = z.object({ id: Uuid })
const common = { tag: 'webhooks', access: 'user', scope: 'account' } as const
const ofWebhook = { ...common, notFound: 'webhook.not_found', params: WebhookId } as const

export const webhookOperations = {
  createWebhook: {
    ...common,
    id: 'createWebhook',
    method: 'post',
    path: '/webhooks',
    summary: 'Create a webhook endpoint',
    description:
      'Events of the chosen types are POSTed to the URL from now on, signed with the `secret` of the endpoint. An account has at most 10. ' +
      'The webhook of a single task, `notify.webhook`, is independent of them.',
    body: CreateWebhook,
    examples: webhookExamples,
    replies: { 201: { description: 'The endpoint, with its secret', body: NewWebhook } },
    problems: [409],
  },
  listWebhooks: {
    ...common,
    id: 'listWebhooks',
    method: 'get',
    path: '/webhooks',
    summary: 'List webhook endpoints',
    replies: { 200: { description: 'All endpoints of the account', body: WebhookList } },
  },
  getWebhook: {
    ...ofWebhook,
    id: 'getWebhook',
    method: 'get',
    path: '/webhooks/{id}',
    summary: 'Get a webhook endpoint',
    replies: { 200: { description: 'The endpoint', body: Webhook } },
    problems: [404],
  },
  replaceWebhook: {
    ...ofWebhook,
    id: 'replaceWebhook',
    method: 'put',
    path: '/webhooks/{id}',
    summary: 'Change a webhook endpoint',
    description:
      'Fields that are left out get their defaults. Deliveries that are pending go to the new URL.',
    body: ReplaceWebhook,
    examples: webhookExamples,
    replies: { 200: { description: 'The endpoint', body: Webhook } },
    problems: [404],
  },
  deleteWebhook: {
    ...ofWebhook,
    id: 'deleteWebhook',
    method: 'delete',
    path: '/webhooks/{id}',
    summary: 'Delete a webhook endpoint',
    description: 'Its deliveries are deleted, too.',
    replies: { 204: { description: 'Deleted' } },
    problems: [404],
  },
  rotateWebhookSecret: {
    ...ofWebhook,
    id: 'rotateWebhookSecret',
    method: 'post',
    path: '/webhooks/{id}/secret',
    summary: 'Replace the secret of a webhook endpoint',
    description:
      'During the overlap, events have a signature of each secret, separated by a space, and libraries of Standard Webhooks accept either.',
    body: RotateSecret,
    examples: rotateExamples,
    replies: { 200: { description: 'The endpoint, with its new secret', body: NewWebhook } },
    problems: [404],
  },
  testWebhook: {
    ...ofWebhook,
    id: 'testWebhook',
    method: 'post',
    path: '/webhooks/{id}/test',
    summary: 'Send a test event',
    description:
      'Queues an event of the type `webhook.test`. The receiver’s reply appears in the list of deliveries shortly afterwards.',
    replies: { 202: { description: 'The delivery', body: WebhookDelivery } },
    problems: [404],
  },
  listDeliveries: {
    ...ofWebhook,
    id: 'listDeliveries',
    method: 'get',
    path: '/webhooks/{id}/deliveries',
    summary: 'List deliveries of a webhook endpoint',
    description:
      'The newest come first, each with the status of the last reply. They are kept as long as their events; of tests, the latest 100 are kept. To get the next page, pass ' +
      '`next_page` as `page` until it is null.',
    query: DeliveriesQuery,
    replies: { 200: { description: 'A page of deliveries', body: DeliveryList } },
    problems: [404],
  },
  resendDelivery: {
    ...ofWebhook,
    id: 'resendDelivery',
    method: 'post',
    path: '/webhooks/{id}/deliveries/{delivery_id}/resend',
    summary: 'Send a delivery again',
    description: 'With all its attempts, whether it was delivered or not. Its `webhook-id` stays the same.',
    params: WebhookId.extend({ delivery_id: Uuid }),
    replies: { 202: { description: 'The delivery', body: WebhookDelivery } },
    problems: [404],
  },
  resendDeliveries: {
    ...ofWebhook,
    id: 'resendDeliveries',
    method: 'post',
    path: '/webhooks/{id}/resend',
    summary: 'Send many events again',
    description:
      'Those that were given up, or all of the chosen types, in the order of their sequence numbers. Events are kept for 30 days (`EVENT_DAYS`).',
    body: Resend,
    examples: resendExamples,
    replies: { 202: { description: 'How many, and how far', body: Resent } },
    problems: [404],
  },
} as const satisfies Record<string, Operation>
