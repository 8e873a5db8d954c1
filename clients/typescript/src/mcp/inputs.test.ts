import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { CreateTask } from '../../../../services/shared/contract/tasks.ts'
import { Edit, toTask } from './inputs.ts'

const edit = (input: object) => toTask(z.object(Edit).parse(input))

test('an edit of an agent is a task that the service accepts', () => {
  const task = edit({
    sources: [{ url: 'https://example.org/a.mp4', trim: { start: '1:02', end: 80.5 } }],
    recipe: { frame: { width: 1080, aspect: '9:16', fit: 'crop' }, output: { format: 'mp4' } },
  })
  expect(() => CreateTask.parse(task)).not.toThrow()
  expect(task.sources).toEqual([{ url: 'https://example.org/a.mp4', trim: { start: '1:02', end: 80.5 } }])
})

test('a field that the tools do not describe reaches the service, which names it', () => {
  const task = edit({ sources: [{ url: 'https://example.org/a.mp4', trim: { until: 5 } }], preset: 'reel' })
  const issues = CreateTask.safeParse(task).error?.issues ?? []
  expect(issues.map(({ path }) => path.join('.'))).toEqual(['sources.0.trim'])
})

const upload = { upload_id: '0b6f8a1e-3c52-4c3e-9a51-6d1f0c9a7e42' }

test.each<[string, object]>([
  ['frame {width, height, aspect "16:9"', { frame: { width: 1280, height: 720 } }],
  ['(two of them, or one side)', { frame: { height: 720, aspect: '16:9' } }],
  ...['pad', 'crop', 'stretch'].map((fit): [string, object] => [`"${fit}"`, { frame: { width: 720, fit } }]),
  ['background "blur" or a color', { frame: { width: 720, aspect: '1:1', background: 'blur' } }],
  ...['mp4', 'webm', 'mov', 'mkv', 'gif', 'mp3', 'm4a', 'ogg', 'wav'].map((format): [string, object] => [
    `"${format}"`,
    { output: { format } },
  ]),
  ...['draft', 'standard', 'high'].map((quality): [string, object] => [
    `"${quality}"`,
    { output: { quality } },
  ]),
  ['outputs [{name, format, width, …}]', { outputs: [{ name: 'small', format: 'mp4', width: 480 }] }],
  ...['keep', 'mute', 'normalize'].map((audio): [string, object] => [`"${audio}"`, { audio }]),
  ['clips [{start, end, name}]', { clips: [{ start: 1, end: '1:02.5', name: 'goal' }] }],
  ['split {every: seconds} or', { split: { every: 60 } }],
  ['or {at: [times]}', { split: { at: [10, '1:02.5'] } }],
  [
    'bumper {intro, outro: {seconds, image|clip: {upload_id}}}',
    { bumper: { intro: { seconds: 2, image: upload } } },
  ],
  ['image|clip: {upload_id}', { bumper: { outro: { seconds: 2, clip: upload } } }],
  [
    'watermark {image: {upload_id}, corner "top_right", opacity, width}',
    { watermark: { image: upload, corner: 'top_right', opacity: 0.5, width: 0.2 } },
  ],
  [
    'thumbnails {poster {at}, stills {count}, sprite {count, columns}}',
    { thumbnails: { poster: { at: 2 }, stills: { count: 3 }, sprite: { count: 20, columns: 5 } } },
  ],
])('what the tools say about a recipe, %s, is what the service accepts', (text, recipe) => {
  expect(Edit.recipe.description).toContain(text)
  const task = edit({ sources: [{ url: 'https://example.org/a.mp4' }], recipe })
  expect(CreateTask.safeParse(task).error?.issues ?? []).toEqual([])
})
