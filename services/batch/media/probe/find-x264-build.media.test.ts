import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { ffmpeg } from '#test/clips.ts'
import { inspectSources } from '../execute/inspect-sources.ts'
import { createJobMemory } from '../ffmpeg/job-memory.ts'
import { toRun } from '../plan/arguments.ts'
import { planEncode } from '../plan/encode.ts'
import { someLimits } from '../testing/fixtures.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from '../testing/media-workspace.ts'
import { createTools } from '../tools.ts'
import { fileInput } from './media-input.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const run = promisify(execFile)

/** A lossless video that says it was made by an x264 of this build: what ffmpeg decodes then depends on whether it knows. */
async function losslessBy(build: string): Promise<string> {
  const path = workspace.clips.fresh('mp4')
  const source = ['-f', 'lavfi', '-i', 'mandelbrot=s=192x128:r=30']
  await ffmpeg([
    ...source,
    '-t',
    '4',
    '-c:v',
    'libx264',
    '-qp',
    '0',
    '-pix_fmt',
    'yuv420p',
    '-preset',
    'slow',
    '-g',
    '30',
    path,
  ])
  const file = await readFile(path, 'latin1')
  await writeFile(path, file.replace(/x264 - core \d{3}/, `x264 - core ${build}`), 'latin1')
  return path
}

/** The inputs of a run that shows half a second from the middle of a file. */
async function inputsOfTrim(path: string) {
  const memory = 4 * 1024 ** 3
  const settings = {
    ffmpeg: 'ffmpeg',
    ffprobe: 'ffprobe',
    threads: 0,
    deadlineMs: 60_000,
    memoryBytes: memory,
    limits: someLimits,
  }
  const input = fileInput(path)
  const deps = {
    ...createTools(settings, { memory: createJobMemory(memory), inputs: [input], log: silentLogger }),
    canConvertColours: async () => true,
  }
  const source = { ...anUpload(), trim: { start: 1.5, duration: 0.5 } }
  const recipe = Recipe.parse({ sources: [source], output: { format: 'mp4' } })
  const [outputDir, signal] = [await workspace.newDir(), new AbortController().signal]
  const context = await inspectSources(recipe, { sources: [input], images: {} }, deps, { outputDir, signal })
  return {
    video: context.sources[0]?.info.video,
    inputs: planEncode(context).runs.flatMap((each) => toRun(each).inputs),
  }
}

async function decodedFrames(path: string, options: string[] = []): Promise<string[]> {
  const args = ['-v', 'error', ...options, '-i', path, '-map', '0:v', '-f', 'framemd5', '-']
  const { stdout } = await run('ffmpeg', args)
  return [...stdout.matchAll(/[\da-f]{32}$/gm)].map(([md5]) => md5)
}

test('behind a seek, lossless video of an old x264 is decoded as from its beginning', async () => {
  const path = await losslessBy('142')
  const { video, inputs } = await inputsOfTrim(path)
  expect(video).toMatchObject({ profile: 'High 4:4:4 Predictive', x264_build: 142 })
  const sought = await decodedFrames(path, inputs[0]?.options)
  expect(sought.length).toBeLessThanOrEqual(90)
  expect(await decodedFrames(path)).toEqual(expect.arrayContaining(sought))
})

test('a new x264 is not mentioned', async () => {
  const { video, inputs } = await inputsOfTrim(await losslessBy('164'))
  expect(video).not.toHaveProperty('x264_build')
  expect(inputs[0]?.options).not.toContain('-x264_build')
})
