import type { OperationId } from '#shared/contract/operations.ts'

export type Step = {
  /** The body, with collection variables in it. */
  body?: unknown
  /** The body is a file that the person chooses. */
  file?: true
  /** Path parameters. */
  path?: Record<string, string>
  /** A whole address, in place of the path. */
  url?: string
  /** Statuses that mean all is well; fields are kept at the first. */
  expect: number[]
  /** Collection variable → field of the reply that goes into it. */
  keep?: Record<string, string>
  hint?: string
}

const task = { id: '{{task_id}}' }

/** How each operation is called in the collection, in an order in which all can be run. */
export const steps: Record<OperationId, Step> = {
  signup: {
    body: {
      username: '{{username}}',
      email: '{{email}}',
      password: '{{password}}',
      password_2: '{{password}}',
    },
    expect: [201, 409],
    hint: '409 when the account is there from an earlier run.',
  },
  login: {
    body: { email: '{{email}}', password: '{{password}}' },
    expect: [200],
    keep: { token: 'token' },
    hint: 'Keeps the token for every other request.',
  },
  me: { expect: [200] },
  webhookSecret: { expect: [200] },
  replaceWebhookSecret: { expect: [200] },

  createUpload: {
    body: { filename: 'holiday.mp4', content_type: 'video/mp4' },
    expect: [201],
    keep: { upload_id: 'upload_id', upload_url: 'url' },
  },
  putUpload: {
    url: '{{upload_url}}',
    file: true,
    expect: [201],
    hint: 'Choose a video under Body; then a task may name {"upload_id": "{{upload_id}}"} in place of url.',
  },

  createTask: {
    body: { url: '{{video_url}}', preset: 'reel' },
    expect: [202],
    keep: { task_id: 'id' },
  },
  listTasks: { expect: [200] },
  taskEvents: { path: task, expect: [200], hint: 'The reply is complete once the task is over.' },
  getTask: { path: task, expect: [200] },
  getOutput: {
    path: { ...task, name: '{{output_name}}' },
    expect: [200, 302, 404],
    hint: '404 as long as the task has not succeeded.',
  },
  retryTask: { path: task, expect: [202, 409], hint: '409 unless the task has failed.' },
  deleteTask: { path: task, expect: [204, 200], hint: '200 when it was still at work, and is aborted now.' },

  presets: { expect: [200] },
  openapi: { expect: [200] },
  metrics: { expect: [200] },
  live: { expect: [200] },
  ready: { expect: [200] },
}
