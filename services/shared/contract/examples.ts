/** Bodies to try, by the name a person chooses them by. A test holds each to its operation's schema. */
const ada = { email: 'ada@example.org', password: 'correct horse battery' }
const video = 'https://media.w3.org/2010/05/sintel/trailer.mp4'

export const signups = { ada: { username: 'ada', ...ada, password_2: ada.password } }
export const logins = { ada }
export const uploadsToCreate = { video: { filename: 'holiday.mp4', content_type: 'video/mp4' } }
export const tasksToCreate = {
  'A reel of an address': { url: video, preset: 'reel' },
  'The sound of an upload': { upload_id: '0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11', preset: 'mp3' },
  'A reel, and word of it': {
    url: video,
    preset: 'reel',
    notify: { webhook: 'https://example.com/hooks/cutroom' },
  },
  'A recipe': {
    recipe: {
      sources: [{ url: video, trim: { start: 12, duration: 6 } }],
      frame: { width: 1080, height: 1920, background: 'blur' },
      audio: 'normalize',
      output: { format: 'mp4', quality: 'high' },
      thumbnails: { poster: { at: 2 } },
    },
  },
}
