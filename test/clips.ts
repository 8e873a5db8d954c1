import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** How a test clip differs from the default: two seconds of 96x64 at 24 frames per second, with a tone. */
export type ClipShape = {
  size?: string
  seconds?: number
  fps?: number | string
  /** false: no audio stream. */
  audio?: boolean
  /** File extension, which selects the container. */
  extension?: string
  /** More ffmpeg output options, such as codecs or filters. */
  options?: string[]
}

/** A temporary directory for generated clips. What is asked for again is the same file. */
export async function openClips() {
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-clips-'))
  const files = new Map<string, Promise<string>>()
  let count = 0
  const fresh = (extension: string) => join(dir, `clip-${++count}.${extension}`)

  function generated(extension: string, args: string[]): Promise<string> {
    const key = JSON.stringify([extension, args])
    const write = async () => {
      const path = fresh(extension)
      await ffmpeg([...args, path])
      return path
    }
    const file = files.get(key) ?? write()
    files.set(key, file)
    return file
  }

  function clip(shape: ClipShape = {}): Promise<string> {
    const { size = '96x64', seconds = 2, fps = 24, audio = true, extension = 'mp4', options = [] } = shape
    const video = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`]
    const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`]
    return generated(extension, [...video, ...(audio ? tone : []), ...options])
  }

  return {
    dir,
    /** An unused path for a file that a test writes itself. */
    fresh,
    /** The path of a clip of this shape. */
    clip,
    /** The path of what ffmpeg writes from these arguments, which tests must not change. */
    generated,
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

export type Clips = Awaited<ReturnType<typeof openClips>>

/** Runs ffmpeg; rejects with its errors when it fails. */
export async function ffmpeg(args: string[]): Promise<void> {
  await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args])
}

/** ffprobe's output for these entries of all streams, or of those selected, as lines. */
export async function ffprobeLines(path: string, entries: string, streams?: string): Promise<string[]> {
  const selection = streams ? ['-select_streams', streams] : []
  const args = ['-v', 'error', ...selection, '-count_frames', '-show_entries', entries]
  const { stdout } = await run('ffprobe', [...args, '-of', 'csv=p=0', path])
  return stdout.trim().split('\n')
}
