import { createWriteStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CutroomError } from '#shared/errors.ts'
import type { Run } from '../../ffmpeg/command-line.ts'
import type { PlanContext, ProbedSource } from '../../plan/types.ts'
import { fileInput, guardStills, type MediaInput } from '../../probe/media-input.ts'
import { readBytes } from '../../probe/read-bytes.ts'
import { openAnimation } from '../../probe/webp/animation.ts'
import { isAnimatedWebp } from '../../probe/webp/describe.ts'
import type { FramePlacement } from '../../probe/webp/frame.ts'
import type { RenderDeps, RenderOptions } from '../../types.ts'
import { requireFreeSpace } from '../free-space.ts'
import { MissingFrames, type RawAnimation, toApng } from './apng.ts'

type Deps = Pick<RenderDeps, 'runner' | 'settings'>
type Options = Pick<RenderOptions, 'signal' | 'deadlineMs' | 'onProgress'>

/**
 * Replaces every animated WebP by an animated PNG in the output directory, which all versions of ffmpeg read.
 * @throws CutroomError what running throws, `media.damaged` when a frame cannot be decoded, and `media.no_free_space`.
 */
export async function decodeAnimations(
  context: PlanContext,
  deps: Deps,
  options: Options,
): Promise<PlanContext> {
  const { sources, assets, outputDir } = context
  const clips = Object.entries(assets.clips ?? {})
  const animated = new Set(
    [...sources, ...clips.map(([, clip]) => clip)]
      .filter(({ info }) => isAnimatedWebp(info))
      .map(({ input }) => input),
  )
  if (animated.size === 0) return context
  const decoded = new Map<MediaInput, MediaInput>()
  for (const input of animated) {
    const path = pathOf(outputDir, decoded.size)
    await decode(input, path, deps, options)
    decoded.set(input, fileInput(path))
  }
  const replaced = (source: ProbedSource) => ({ ...source, input: decoded.get(source.input) ?? source.input })
  return {
    ...context,
    sources: sources.map(replaced),
    assets: { ...assets, clips: Object.fromEntries(clips.map(([id, clip]) => [id, replaced(clip)])) },
  }
}

const pathOf = (dir: string, index: number) => `${dir}/.animation-${index}.png`

/** Removes the animations that were decoded. */
export async function removeAnimations({ sources, assets }: PlanContext): Promise<void> {
  const animated = [...sources, ...Object.values(assets.clips ?? {})].filter(({ info }) =>
    isAnimatedWebp(info),
  )
  await Promise.all(animated.map(({ input }) => rm(input.url.replace(/^file:/, ''), { force: true })))
}

const BYTES_PER_PIXEL = 4
/** Even what is compressed badly takes less of its uncompressed bytes. */
const COMPRESSION = 0.5

async function decode(input: MediaInput, path: string, deps: Deps, options: Options): Promise<void> {
  const stills = `${path}.webp`
  const animation = await splitIntoStills(input, stills, options.signal)
  const { frames } = animation
  const pixels = frames.reduce((sum, { width, height }) => sum + width * height, 0)
  await requireFreeSpace(path.slice(0, path.lastIndexOf('/')), pixels * BYTES_PER_PIXEL * COMPRESSION)
  const raw = {
    width: Math.max(...frames.map(({ width }) => width)),
    height: Math.max(...frames.map(({ height }) => height)),
  }
  await decodeStills(stills, path, { ...animation, raw }, deps, options)
  await rm(stills)
}

/** Writes the images of all frames behind each other, as ffmpeg reads images from a pipe. */
async function splitIntoStills(
  input: MediaInput,
  path: string,
  signal: AbortSignal,
): Promise<Pick<RawAnimation, 'canvas' | 'frames'>> {
  const animation = await openAnimation(readBytes(input, signal))
  if (!animation) throw new CutroomError('source.changed', 'The source changed while it was being processed.')
  const frames: FramePlacement[] = []
  await using file = await open(path, 'w')
  for await (const { image, ...frame } of animation.frames) {
    frames.push(frame)
    await file.write(image)
  }
  return { canvas: { width: animation.width, height: animation.height }, frames }
}

/** How fast ffmpeg takes images from a pipe to follow each other. Only its progress is counted so. */
const RATE = 25

async function decodeStills(
  stills: string,
  path: string,
  animation: RawAnimation,
  { runner, settings }: Deps,
  { signal, deadlineMs = settings.deadlineMs, onProgress = () => {} }: Options,
): Promise<void> {
  const { frames, raw } = animation
  const run: Run = {
    inputs: [{ source: `file:${stills}`, options: guardStills(fileInput(stills), settings.limits) }],
    graph: '',
    files: [
      {
        path: PIXELS,
        options: [
          ...['-map', '0:v:0', '-vf', `format=rgba,pad=${raw.width}:${raw.height}:0:0:color=black@0`],
          ...['-fps_mode', 'passthrough', '-c:v', 'rawvideo', '-f', 'rawvideo'],
        ],
      },
    ],
    seconds: frames.length / RATE,
  }
  const pixels = new PassThrough()
  const written = pipeline(pixels, (chunks) => toApng(animation, chunks), createWriteStream(path))
  const decoded = runner(run, {
    deadlineMs,
    signal,
    onProgress: (share) => onProgress(Math.floor(100 * share)),
    sinks: new Map([[PIXELS, pixels]]),
  })
  const [write, decoding] = await Promise.allSettled([written, decoded])
  const isIncomplete = write.status === 'rejected' && write.reason instanceof MissingFrames
  if (write.status === 'rejected' && !isIncomplete) throw write.reason
  if (decoding.status === 'rejected')
    throw isDamage(decoding.reason) ? damaged(decoding.reason) : decoding.reason
  if (isIncomplete) throw damaged(write.reason)
}

/** Versions of ffmpeg end differently when an image cannot be decoded. */
const isDamage = (error: unknown): boolean =>
  error instanceof CutroomError && ['media.damaged', 'media.failed'].includes(error.code)

const PIXELS = 'pixels'

const damaged = (cause: unknown) =>
  new CutroomError(
    'media.damaged',
    'The source is an animated WebP of which some frames cannot be decoded. Export or upload it again.',
    { cause, ...(cause instanceof CutroomError && cause.logTail && { logTail: cause.logTail }) },
  )
