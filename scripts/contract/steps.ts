import type { OperationId } from '#shared/contract/operations.ts'

/** How one operation is called in the collection. */
export type Step = {
  /** The JSON body, which may contain collection variables. */
  body?: unknown
  /** The body is a file that the user selects. */
  file?: true
  /** Path parameters. */
  path?: Record<string, string>
  /** A complete URL instead of the path. */
  url?: string
  /** Expected statuses. With the first one, fields of the reply are saved. */
  expect: number[]
  /** Collection variables to set, each from a field of the reply. */
  save?: Record<string, string>
  hint?: string
  /** More tests of the reply with the first expected status: a name, and a condition in JavaScript, of `body` or `pm.response`. */
  tests?: Record<string, string>
}

/** Like those in e-mails, but of no e-mail. */
const EXAMPLE_TOKEN = 'h0pXjVYlWkz3yT6oS9dQm1rE8uNcB5aLfGiK2vJxZ4w'

const taskPath = { id: '{{task_id}}' }
const webhookPath = { id: '{{webhook_id}}' }

/** Every operation, in an order in which the whole collection can be run. */
export const steps: Record<OperationId, Step> = {
  signup: {
    body: {
      username: '{{username}}',
      email: '{{email}}',
      password: '{{password}}',
      password_2: '{{password}}',
    },
    expect: [201, 202, 409],
    hint: 'The reply is 409 if the account exists from an earlier run, and 202 where addresses must be verified.',
  },
  login: {
    body: { email: '{{email}}', password: '{{password}}', refresh: true },
    expect: [200],
    save: { token: 'token', refresh_token: 'refresh_token' },
    hint: 'Saves the token for all other requests. It expires after 15 minutes; then send the next request.',
  },
  refresh: {
    body: { refresh_token: '{{refresh_token}}' },
    expect: [200],
    save: { token: 'token', refresh_token: 'refresh_token' },
    hint: 'Saves the new token for all other requests.',
  },
  me: { expect: [200] },
  webhookSecret: { expect: [200] },
  replaceWebhookSecret: { expect: [200] },
  exportAccount: { expect: [200] },
  changePassword: {
    body: { current_password: '{{password}}', new_password: '{{password}}' },
    expect: [204],
    hint: 'If you choose another password, change the collection variable `password` as well.',
  },
  requestVerification: { body: { email: '{{email}}' }, expect: [202] },
  verifyPage: { expect: [200, 422], hint: 'Replace the token with that of the e-mail.' },
  verifyEmail: {
    body: { token: EXAMPLE_TOKEN },
    expect: [200, 403],
    hint: 'Replace the token with that of the e-mail.',
  },
  requestPasswordReset: { body: { email: '{{email}}' }, expect: [202] },
  passwordResetPage: { expect: [200, 422], hint: 'Replace the token with that of the e-mail.' },
  confirmPasswordReset: {
    body: { token: EXAMPLE_TOKEN, new_password: '{{password}}' },
    expect: [204, 403],
    hint: 'Replace the token with that of the e-mail.',
  },
  deleteAccount: {
    body: { password: 'not the password' },
    expect: [204, 403],
    hint: 'With the right password, the account is deleted for good.',
  },

  createUpload: {
    body: { filename: 'holiday.mp4', content_type: 'video/mp4' },
    expect: [201],
    save: { upload_id: 'upload_id', upload_url: 'url' },
  },
  putUpload: {
    url: '{{upload_url}}',
    file: true,
    expect: [201],
    hint: 'Select a video under Body. Then use `"upload_id": "{{upload_id}}"` instead of `url` to create a task.',
  },
  listUploads: { expect: [200] },
  getUpload: { path: { id: '{{upload_id}}' }, expect: [200] },
  getUploadWaveform: {
    path: { id: '{{upload_id}}' },
    expect: [200, 422],
    hint: 'The reply is 422 until the bytes of the upload have arrived.',
  },
  getUploadKeyFrames: { path: { id: '{{upload_id}}' }, expect: [200, 422] },
  linkUpload: {
    path: { id: '{{upload_id}}' },
    body: { expires_in: 3600 },
    expect: [201, 422],
    save: { upload_link: 'url' },
  },
  linkSource: { body: { url: '{{video_url}}' }, expect: [201], save: { source_link: 'url' } },
  getSourcePreview: { url: '{{source_link}}', expect: [200, 403, 422, 503] },
  getPreview: { url: '{{upload_link}}', expect: [200, 302, 403, 404] },

  createTask: {
    body: { url: '{{video_url}}', preset: 'reel' },
    expect: [202],
    save: { task_id: 'id' },
    tests: { 'the task is queued': "body.status === 'queued'" },
    hint:
      'To render something else, replace `preset` with a recipe, such as ' +
      '`"recipe": { "frame": { "aspect": "1:1", "fit": "crop" }, "output": { "format": "webm" } }`.',
  },
  listTasks: { expect: [200] },
  taskEvents: {
    path: taskPath,
    expect: [200],
    hint: 'The reply is complete when the task has finished.',
    tests: {
      'the stream has events of the task': '/event: ?task/.test(pm.response.text())',
    },
  },
  createWebhook: {
    body: { url: 'https://example.com/hooks/cutroom', types: ['task.succeeded', 'task.failed'] },
    expect: [201, 409],
    save: { webhook_id: 'id' },
  },
  listWebhooks: { expect: [200] },
  getWebhook: { path: webhookPath, expect: [200] },
  replaceWebhook: {
    path: webhookPath,
    body: { url: 'https://example.com/hooks/cutroom', enabled: false },
    expect: [200],
  },
  rotateWebhookSecret: { path: webhookPath, body: { overlap_seconds: 3600 }, expect: [200] },
  testWebhook: { path: webhookPath, expect: [202], save: { delivery_id: 'id' } },
  listDeliveries: { path: webhookPath, expect: [200] },
  resendDelivery: { path: { ...webhookPath, delivery_id: '{{delivery_id}}' }, expect: [202] },
  resendDeliveries: { path: webhookPath, body: { after: 0 }, expect: [202] },
  deleteWebhook: { path: webhookPath, expect: [204] },
  listEvents: { expect: [200] },
  getTask: {
    path: taskPath,
    expect: [200],
    tests: { 'the task has finished': "['succeeded', 'failed', 'aborted'].includes(body.status)" },
  },
  getSourceWaveform: { path: { ...taskPath, index: '0' }, expect: [200, 422] },
  getSourceKeyFrames: { path: { ...taskPath, index: '0' }, expect: [200, 422] },
  getOutput: {
    path: { ...taskPath, name: '{{output_name}}' },
    expect: [200, 302, 404],
    hint: 'The reply is 404 until the task has succeeded.',
    tests: { 'the file is a video': "pm.response.headers.get('Content-Type').startsWith('video/')" },
  },
  linkOutput: {
    path: { ...taskPath, name: '{{output_name}}' },
    body: { expires_in: 86_400 },
    expect: [201, 404],
    save: { output_link: 'url' },
    hint: 'The reply is 404 until the task has succeeded.',
  },
  getSharedOutput: { url: '{{output_link}}', expect: [200, 302, 403, 404] },
  createTasks: {
    body: { mode: 'each', tasks: [{ url: '{{video_url}}', preset: 'mp3', metadata: { order: '17' } }] },
    expect: [202],
    hint: 'The result names an error for each task that could not be created.',
  },
  changeTasks: {
    body: { action: 'abort', ids: ['{{task_id}}'] },
    expect: [200],
    hint: 'The result names an error unless the task is active.',
  },
  retryTask: { path: taskPath, expect: [202, 409], hint: 'The reply is 409 unless the task has failed.' },
  deleteTask: {
    path: taskPath,
    expect: [204, 200],
    hint: 'The reply is 204 for a finished task, which is deleted, and 200 for an active one, which is aborted.',
  },
  deleteUpload: {
    path: { id: '{{upload_id}}' },
    expect: [204, 409],
    hint: 'The reply is 409 while an unfinished task needs the upload.',
  },

  createKey: {
    body: { name: 'render farm', scopes: ['tasks:read', 'tasks:write'], expires_in: 86_400 },
    expect: [201, 409],
    save: { key_id: 'id' },
  },
  listKeys: { expect: [200] },
  revokeKey: { path: { id: '{{key_id}}' }, expect: [204, 404] },
  listSessions: { expect: [200] },
  endSession: {
    path: { id: '{{session_id}}' },
    expect: [204, 404],
    hint: 'Set `session_id` to the id of a session. The reply is 404 until then.',
  },
  endOtherSessions: { expect: [200] },
  audit: { expect: [200] },
  logout: { expect: [204], hint: 'Log in again to send more requests.' },

  presets: { expect: [200] },
  openapi: { expect: [200] },
  securityTxt: { expect: [200, 404], hint: 'The reply is 404 unless the service has a `SECURITY_CONTACT`.' },
  metrics: { expect: [200, 404], hint: 'The reply is 404 without `METRICS_TOKEN` as the bearer token.' },
  live: { expect: [200] },
  ready: { expect: [200] },
}
