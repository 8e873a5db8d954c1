const ada = { email: 'ada@example.org', password: 'correct horse battery' }
const video = 'https://media.w3.org/2010/05/sintel/trailer.mp4'
const upload = '0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11'

/** Request bodies to try, by the title a reader sees. A test checks each against its operation's schema. */
export const signupExamples = {
  'A new account': { username: 'ada', ...ada, password_2: ada.password },
}
export const loginExamples = {
  'An existing account': ada,
  'A session that can be refreshed': { ...ada, refresh: true },
}
export const refreshExamples = {
  'A refresh token': {
    refresh_token: 'cr_0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11.PfyTRp3JH2oWLe1q0cXzlQ.4nRZ8g1vK0mJtqyTnYwqLQ',
  },
}
export const keyExamples = {
  'A key for a program that creates tasks': { name: 'render farm', scopes: ['tasks:read', 'tasks:write'] },
  'A key that expires after 90 days': { name: 'report', scopes: ['tasks:read'], expires_in: 7_776_000 },
}
const token = 'h0pXjVYlWkz3yT6oS9dQm1rE8uNcB5aLfGiK2vJxZ4w'
export const emailExamples = { 'An address': { email: ada.email } }
export const verifyExamples = { 'The token of an e-mail': { token } }
export const resetExamples = { 'A new password': { token, new_password: 'a better battery horse' } }
export const passwordExamples = {
  'A new password': { current_password: ada.password, new_password: 'a better battery horse' },
}
export const deleteAccountExamples = { 'The password': { password: ada.password } }
export const uploadExamples = { 'A video': { filename: 'holiday.mp4', content_type: 'video/mp4' } }
export const taskExamples = {
  'A preset applied to a URL': { url: video, preset: 'reel' },
  'The audio of an upload as MP3': { upload_id: upload, preset: 'mp3' },
  'A preset with a webhook': {
    url: video,
    preset: 'reel',
    notify: { webhook: 'https://example.com/hooks/cutroom' },
  },
  'Metadata of your own': { url: video, preset: 'mp3', metadata: { order: '17', customer: 'acme' } },
  'A result sent into a bucket': {
    url: video,
    preset: 'mp3',
    destination: {
      s3: {
        bucket: 'acme-renders',
        region: 'eu-central-1',
        prefix: 'orders/17/',
        access_key_id: 'AKIAIOSFODNN7EXAMPLE',
        secret_access_key: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      },
    },
  },
  'A recipe applied to an upload': {
    upload_id: upload,
    recipe: { frame: { aspect: '1:1', fit: 'crop' }, output: { format: 'webm' } },
  },
  'A recipe with its own sources': {
    recipe: {
      sources: [{ url: video, trim: { start: 12, duration: 6 } }],
      frame: { width: 1080, height: 1920, background: 'blur' },
      audio: 'normalize',
      output: { format: 'mp4', quality: 'high' },
      thumbnails: { poster: { at: 2 } },
    },
  },
}

export const batchExamples = {
  'All of several tasks, or none': {
    tasks: [
      { recipe: { sources: [{ url: video, trim: { end: 6 } }] }, metadata: { order: '17' } },
      { url: video, preset: 'mp3', metadata: { order: '17' } },
    ],
  },
  'Each task that can be created': {
    mode: 'each',
    tasks: [{ url: video, preset: 'reel' }, { upload_id: upload }],
  },
}

export const outputLinkExamples = {
  'For an hour, for a player': {},
  'For a day, for other people': { expires_in: 86_400 },
}

export const bulkExamples = {
  'Abort two tasks': { action: 'abort', ids: [upload, upload.replace(/.$/, '2')] },
  'Delete a task': { action: 'delete', ids: [upload] },
}

export const uploadLinkExamples = { 'For an hour, for a player': {} }
export const sourceLinkExamples = {
  'For an hour, for a player': { url: video },
  'A private file': { url: video, headers: { Authorization: 'Bearer 3b9f8c' }, expires_in: 600 },
}

export const webhookExamples = {
  'What happens to tasks and uploads': { url: 'https://example.com/hooks/cutroom' },
  'Finished tasks alone': {
    url: 'https://example.com/hooks/cutroom',
    types: ['task.succeeded', 'task.failed', 'task.aborted'],
    description: 'production',
  },
}

export const rotateExamples = { 'With an overlap of an hour': { overlap_seconds: 3600 } }
export const resendExamples = {
  'What was given up': {},
  'All events after a number': { all: true, after: 120 },
}
