import { describe, expect, test } from '@jest/globals'
import { CreateTask } from '#shared/contract/create-task.ts'
import { type Choices, DEFAULT_CHOICES, type SourceBody, taskBody, toCurl } from './task-body.ts'

const upload: SourceBody = {
  upload_id: '0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11',
  trim: { start: 1.48, duration: 2 },
}
const body = (choices: Partial<Choices>, sources: SourceBody[] = [upload]) =>
  taskBody(sources, { ...DEFAULT_CHOICES, ...choices })

const EVERY: { [K in keyof Choices]: Choices[K][] } = {
  kind: ['clip', 'reel', 'parts', 'mp3', 'convert'],
  format: ['mp4', 'webm', 'mov', 'mkv', 'gif', 'mp3', 'm4a', 'ogg', 'wav'],
  quality: ['auto', 'draft', 'standard', 'high'],
  shape: ['keep', '16:9', '9:16', '1:1'],
  fit: ['pad', 'crop', 'blur'],
  audio: ['keep', 'mute', 'normalize'],
}

test('every combination that can be chosen is a request that the service accepts', () => {
  const choices = Object.entries(EVERY).reduce<Partial<Choices>[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  )
  expect(choices).toHaveLength(5 * 9 * 4 * 4 * 3 * 3)
  for (const one of choices) {
    const { success, error } = CreateTask.safeParse(body(one))
    if (!success) throw new Error(`${JSON.stringify(one)}: ${error.message}`)
  }
})

describe('a clip', () => {
  test('of which nothing was chosen is an MP4 of the trimmed source', () => {
    expect(body({})).toEqual({ recipe: { sources: [upload], output: { format: 'mp4' } } })
  })

  test('has its frame filled with a blurred copy', () => {
    expect(body({ shape: '9:16', fit: 'blur' }).recipe?.frame).toEqual({
      aspect: '9:16',
      fit: 'pad',
      background: 'blur',
    })
  })

  test('of audio has neither frame nor quality', () => {
    expect(body({ format: 'mp3', shape: '1:1', quality: 'high', audio: 'mute' }).recipe).toEqual({
      sources: [upload],
      output: { format: 'mp3' },
    })
  })
})

test('a preset gets the sources with their trims', () => {
  expect(body({ kind: 'reel', shape: '1:1' })).toEqual({ preset: 'reel', sources: [upload] })
})

test('curl sends the same request, whatever quotes a URL contains', () => {
  const request = body({}, [{ url: "https://example.com/it's.mp4" }])
  const curl = toCurl('http://localhost:8080', request)
  expect(curl).toContain('curl -s http://localhost:8080/tasks')
  const quoted = /-d '(.*)'$/s.exec(curl)?.[1] ?? ''
  expect(JSON.parse(quoted.replaceAll("'\\''", "'"))).toEqual(request)
})
