import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** How a test clip differs from the usual: two seconds of 96x64 at 24 frames per second, with a tone. */
export type ClipShape = {
  size?: string
  seconds?: number
  fps?: number | string
  /** false: no sound at all. */
  sound?: boolean
  /** Ending of the file name, which chooses the container. */
  ending?: string
  /** More ffmpeg output options, such as codecs or filters. */
  options?: string[]
}

/** A room for generated clips, gone with its suite. Two clips of one shape are one file. */
export async function openClips() {
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-clips-'))
  const made = new Map<string, Promise<string>>()
  let count = 0
  const fresh = (ending: string) => join(dir, `clip-${++count}.${ending}`)

  async function generate(shape: ClipShape): Promise<string> {
    const { size = '96x64', seconds = 2, fps = 24, sound = true, ending = 'mp4', options = [] } = shape
    const path = fresh(ending)
    const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`]
    const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`]
    await ffmpeg([...picture, ...(sound ? tone : []), ...options, path])
    return path
  }

  return {
    dir,
    /** A path for a file that a test writes by itself. */
    fresh,
    /** The path of a clip of this shape. */
    clip(shape: ClipShape = {}): Promise<string> {
      const key = JSON.stringify(shape)
      const known = made.get(key) ?? generate(shape)
      made.set(key, known)
      return known
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

export type Clips = Awaited<ReturnType<typeof openClips>>

/** Runs ffmpeg for its files, saying nothing unless it fails. */
export async function ffmpeg(args: string[]): Promise<void> {
  await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args])
}

/** What ffprobe prints for these entries, as lines, of the chosen streams. */
export async function ffprobeLines(path: string, entries: string, streams: string): Promise<string[]> {
  const args = ['-v', 'error', '-select_streams', streams, '-count_frames', '-show_entries', entries]
  const { stdout } = await run('ffprobe', [...args, '-of', 'csv=p=0', path])
  return stdout.trim().split('\n')
}
