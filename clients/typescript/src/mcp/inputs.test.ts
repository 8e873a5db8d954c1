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
