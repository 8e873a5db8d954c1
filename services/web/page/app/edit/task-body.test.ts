import { describe, expect, test } from '@jest/globals'
import { CreateTask } from '#shared/contract/create-task.ts'
import { FORMAT_NAMES, formatOf } from '#shared/contract/formats.ts'
import { applyPreset, PresetName } from '#shared/contract/presets.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import {
  type BumperChoice,
  type Choices,
  CODECS,
  DEFAULT_CHOICES,
  DEFAULT_OUTPUT,
  PRESET_CHOICES,
  SAMPLE_RATES,
} from './choices.ts'
import { type SourceBody, taskBody } from './task-body.ts'
import { toCurl, toPython, toTypeScript } from './to-code.ts'

const upload_id = '0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11'
const upload: SourceBody = {
  upload_id,
  trim: { start: 1.48, duration: 2 },
}
const body = (choices: Partial<Choices>, sources: SourceBody[] = [upload]) =>
  taskBody(sources, { ...DEFAULT_CHOICES, ...choices })

type Base = Pick<Choices, 'kind' | 'format' | 'quality' | 'shape' | 'fit' | 'audio'>
const EVERY: { [K in keyof Base]: Base[K][] } = {
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

const asset = { uploadId: { value: '1d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11' } }
const bumper: BumperChoice[] = [
  { kind: 'logo', seconds: 1 },
  { kind: 'image', seconds: 0.5, asset },
  { kind: 'clip', seconds: 30, asset },
]
const watermark = { image: asset, corner: 'top_left', margin: 24, opacity: 0.5, width: 0.2 } as const

const FURTHER: { [K in Exclude<keyof Choices, keyof Base>]: Choices[K][] } = {
  name: [undefined, 'holiday'],
  crf: [undefined, 0, 63],
  bitrate: [undefined, undefined, 2_500],
  more: [
    [],
    [{ ...DEFAULT_OUTPUT, format: 'webm', crf: 40 }],
    [
      DEFAULT_OUTPUT,
      { ...DEFAULT_OUTPUT, size: 360 },
      { ...DEFAULT_OUTPUT, format: 'mp3', audioBitrate: 64 },
    ],
    [{ ...DEFAULT_OUTPUT, format: 'gif', fps: 12 }],
  ],
  thumbnails: [
    undefined,
    {},
    { poster: { at: 1, width: 640 }, sprite: { count: 9, columns: 3, width: 160 } },
  ],
  codec: [undefined, 'h264', 'hevc', 'av1', 'vp9'],
  fps: [undefined, 24],
  audioBitrate: [undefined, 96, 512],
  width: [1280, 4096],
  height: [720, 16],
  size: ['source', 2160, 1080, 720, 480, 360],
  position: [
    { x: 0.5, y: 0.5 },
    { x: 0, y: 1 },
  ],
  background: ['#000000', '#1a2b3c'],
  upscale: [true, false],
  watermark: [undefined, watermark],
  intro: [undefined, ...bumper],
  outro: [undefined, ...bumper],
  split: [undefined, 20],
  limit: [undefined, 18],
  sampleRate: [undefined, ...SAMPLE_RATES],
  channels: [undefined, 1, 2],
}

test('so is every value of the further choices, with every format, shape and fit', () => {
  const { format, shape, fit, audio } = EVERY
  const shapes = [...shape, '4:5', '4:3', 'custom'] as const
  const fits = [...fit, 'stretch'] as const
  let [checked, turn] = [0, 0]
  // Each further choice goes through its values at its own pace, so that they meet in many ways.
  for (const one of format)
    for (const two of shapes)
      for (const three of fits)
        for (const four of audio)
          for (let i = 0; i < 6; i++, turn++) {
            const further = Object.entries(FURTHER).map(([name, values], index) => [
              name,
              values[Math.floor((turn * (index + 3)) / 5) % values.length],
            ])
            const all = { format: one, shape: two, fit: three, audio: four, ...Object.fromEntries(further) }
            for (const sources of [[upload], [{ url: 'https://example.com/a.mp4' }]]) {
              const { success, error } = CreateTask.safeParse(body(all, sources))
              if (!success) throw new Error(`${JSON.stringify(all)}: ${error.message}`)
              checked += 1
            }
          }
  expect(checked).toBe(9 * 7 * 4 * 3 * 6 * 2)
})

test.each(PresetName.options)('the choices of the preset %s stand for its very recipe', (name) => {
  const source = { upload_id: upload_id }
  const { recipe } = taskBody([source], { ...PRESET_CHOICES[name], kind: 'clip' })
  expect(Recipe.parse(recipe)).toEqual(applyPreset(name, [source]))
})

test('the codecs that can be chosen are those of each format', () => {
  expect(CODECS).toEqual(Object.fromEntries(FORMAT_NAMES.map((name) => [name, formatOf(name).codecs])))
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

  test('is at most as large as chosen, by its shorter side', () => {
    expect(body({ size: 720 }).recipe?.output).toEqual({ format: 'mp4', width: 1280 })
    expect(body({ size: 720, shape: '9:16' }).recipe?.output).toEqual({ format: 'mp4', width: 720 })
    const tall = taskBody([upload], { ...DEFAULT_CHOICES, size: 480 }, { width: 1080, height: 1920 })
    expect(tall.recipe?.output).toEqual({ format: 'mp4', width: 480 })
  })

  test('keeps the beginning of a source in which nothing is selected', () => {
    const whole: SourceBody = { url: 'https://example.com/a.mp4' }
    expect(body({ limit: 18 }, [upload, whole]).recipe?.sources).toEqual([
      upload,
      { ...whole, trim: { start: 0, duration: 18, at_most: true } },
    ])
  })

  test('keeps the part of the video that was dragged into the frame', () => {
    const position = { x: 0.25, y: 0.5 }
    expect(body({ shape: '1:1', fit: 'crop', position }).recipe?.frame).toEqual({
      aspect: '1:1',
      fit: 'crop',
      position,
    })
    expect(body({ shape: '1:1', fit: 'crop' }).recipe?.frame).not.toHaveProperty('position')
  })

  test('of several files has a name for each of the same format', () => {
    const more = [
      { ...DEFAULT_OUTPUT, size: 480 },
      { ...DEFAULT_OUTPUT, format: 'mp3' },
    ] as const
    const { outputs } = body({ shape: '9:16', crf: 20, more }).recipe ?? {}
    expect(outputs).toEqual([
      { format: 'mp4', crf: 20 },
      { name: 'output-2', format: 'mp4', width: 480 },
      { format: 'mp3' },
    ])
    expect(body({ split: 20, more }).recipe).toHaveProperty('output', { format: 'mp4' })
  })

  test('has a rate factor that its codec knows', () => {
    expect(body({ crf: 60 }).recipe?.output).toEqual({ format: 'mp4', crf: 51 })
    expect(body({ crf: 60, codec: 'av1' }).recipe?.output).toEqual({ format: 'mp4', codec: 'av1', crf: 60 })
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

describe('code', () => {
  const request = body({ shape: 'custom', upscale: true }, [{ url: 'https://example.com/"it\'s".mp4' }])

  test('in TypeScript sends the same request', () => {
    const code = toTypeScript('http://localhost:8080', request)
    const json = /JSON\.stringify\((.*)\),\n\}\)/s.exec(code)?.[1] ?? ''
    expect(JSON.parse(json)).toEqual(request)
    expect(code).toContain("'Bearer YOUR_API_KEY'")
  })

  test('in Python has the constants of Python', () => {
    const code = toPython('http://localhost:8080', request)
    const dict = /json=(.*),\n\)\nresponse/s.exec(code)?.[1] ?? ''
    expect(dict).toContain('"upscale": True,')
    const json = dict.replaceAll('True', 'true').replaceAll(/,(\s*[}\]])/g, '$1')
    expect(JSON.parse(json)).toEqual(request)
  })
})
