import { mkdir } from 'node:fs/promises'
import { jest } from '@jest/globals'
import type { z } from 'zod'
import { Recipe } from '#shared/contract/recipe.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { ffprobeLines, openClips } from '#test/clips.ts'
import { createMediaEngine } from '../engine.ts'
import { withSourcePerClip } from '../plan/clips.ts'
import { fileInput, type MediaInput, type MediaLimits } from '../probe/media-input.ts'
import type { MediaSettings, RenderOptions, RenderResult } from '../types.ts'
import { someLimits } from './fixtures.ts'

// A machine that is busy with other work must not fail a test of media work.
jest.setTimeout(120_000)

/** A reference to an upload in a recipe; tests pass its file themselves. */
export const anUpload = (index = 0) => ({
  upload_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
})

type RecipeInput = Omit<z.input<typeof Recipe>, 'sources'>

/** A real media engine, and a directory of generated clips. */
export async function openMediaWorkspace(
  limits: Partial<MediaLimits> = {},
  settings: Partial<MediaSettings> = {},
) {
  const allSettings = {
    ffmpeg: 'ffmpeg',
    ffprobe: 'ffprobe',
    threads: 0,
    deadlineMs: 60_000,
    memoryBytes: 4 * 1024 ** 3,
    limits: { ...someLimits, ...limits },
    ...settings,
  }
  const engine = createMediaEngine(allSettings, silentLogger)
  const clips = await openClips()

  async function newDir() {
    const dir = clips.fresh('dir')
    await mkdir(dir)
    return dir
  }

  return {
    clips,
    engine,
    newDir,
    /** Renders a recipe from files; `uploads` are the files of anUpload(0), anUpload(1) and so on. */
    async render(
      { trims = [], ...recipe }: RecipeInput & { trims?: object[] },
      paths: string[],
      { uploads: files = [], ...options }: Partial<RenderOptions> & { uploads?: string[] } = {},
    ): Promise<RenderResult> {
      const sources = paths.map((_, i) => ({ ...anUpload(99), ...(trims[i] ? { trim: trims[i] } : {}) }))
      const byId = Object.fromEntries(files.map((path, i) => [anUpload(i).upload_id, fileInput(path)]))
      const carriedOut = withSourcePerClip(Recipe.parse({ ...recipe, sources }))
      return engine.render(
        carriedOut,
        { sources: inputsOf(carriedOut, paths), images: byId, clips: byId },
        { outputDir: await newDir(), signal: new AbortController().signal, ...options },
      )
    },
  }
}

/** The files of each source of a recipe as it is carried out: all clips are of one file. */
export function inputsOf({ clips, sources }: Recipe, paths: string[]): MediaInput[] {
  const inputs = paths.map(fileInput)
  return clips ? sources.flatMap(() => inputs[0] ?? []) : inputs
}

export type MediaWorkspace = Awaited<ReturnType<typeof openMediaWorkspace>>

/** The number of frames of a file, and the duration of its video and audio in seconds. */
export async function measure(path = '') {
  const streams = await ffprobeLines(path, 'stream=codec_type,duration,nb_read_frames')
  const [video, audio] = ['video', 'audio'].map((type) =>
    streams
      .find((line) => line.startsWith(`${type},`))
      ?.split(',')
      .slice(1)
      .map(Number),
  )
  return { frames: video?.[1], videoSeconds: video?.[0] ?? Number.NaN, audioSeconds: audio?.[0] ?? 0 }
}
