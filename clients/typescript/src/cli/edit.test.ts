import { expect, test } from '@jest/globals'
import { CreateTask } from '../../../../services/shared/contract/tasks.ts'
import { type EditOptions, toTask } from './edit.ts'

const CLIP = { url: 'https://example.org/clip.mp4' }
const UPLOAD = { upload_id: '5d3c7d6e-1f0e-4f0e-9c39-3a1b1c6f2a11' }

test.each<[EditOptions, object]>([
  [{ preset: 'reel' }, { sources: [CLIP], preset: 'reel' }],
  [
    { trim: ['1:02-1:20'], to: 'webm' },
    { sources: [{ ...CLIP, trim: { start: 62, duration: 18 } }], recipe: { output: { format: 'webm' } } },
  ],
  [
    { trim: ['0-1', '5-6'] },
    {
      sources: [
        { ...CLIP, trim: { start: 0, duration: 1 } },
        { ...CLIP, trim: { start: 5, duration: 1 } },
      ],
      recipe: { output: { format: 'mp4' } },
    },
  ],
  [
    { width: '1080', aspect: '9:16', fit: 'crop', audio: 'normalize', quality: 'high' },
    {
      sources: [CLIP],
      recipe: {
        frame: { width: 1080, aspect: '9:16', fit: 'crop' },
        output: { quality: 'high' },
        audio: 'normalize',
      },
    },
  ],
  [
    { recipe: { split: { every: 10 }, sources: [UPLOAD] } },
    { sources: [CLIP], recipe: { split: { every: 10 } } },
  ],
  [
    { preset: 'mp3', extras: { metadata: { order: '17' }, priority: -5, notify: { email: true } } },
    { sources: [CLIP], preset: 'mp3', metadata: { order: '17' }, priority: -5, notify: { email: true } },
  ],
])('%j is a task that the service accepts', (options, task) => {
  expect(toTask([CLIP], options)).toEqual(task)
  expect(() => CreateTask.parse(task)).not.toThrow()
})

test('inputs are joined in order, and a recipe may name its own sources', () => {
  expect(toTask([CLIP, UPLOAD], { preset: 'convert' })).toEqual({
    sources: [CLIP, UPLOAD],
    preset: 'convert',
  })
  const recipe = { sources: [CLIP], output: { format: 'gif' } }
  expect(toTask([], { recipe })).toEqual({ recipe })
})

test.each<[string, EditOptions, object[]]>([
  ['nothing to render', {}, [CLIP]],
  ['a preset and a recipe', { preset: 'reel', recipe: {} }, [CLIP]],
  ['a preset and a format', { preset: 'reel', to: 'webm' }, [CLIP]],
  ['several ranges of several inputs', { trim: ['0-1', '2-3'] }, [CLIP, CLIP]],
  ['a width in words', { width: 'wide' }, [CLIP]],
  ['a recipe that is a list', { recipe: [] }, [CLIP]],
  ['no input', { preset: 'reel' }, []],
])('%s is reported', (_what, options, sources) => {
  expect(() => toTask(sources as never, options)).toThrow(expect.objectContaining({ name: 'UsageError' }))
})
