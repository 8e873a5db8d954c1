import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ffmpeg } from '#test/clips.ts'
import { FULL_HD, generateClip } from './clips.ts'

/** A film of `minutes`: the clip repeated, or without one a generated clip of 1080p. Returns its path. */
export const openFilm = (clip: string | undefined, dir: string, minutes: number): Promise<string> =>
  clip
    ? repeat(clip, join(dir, 'film.mp4'), minutes)
    : generateClip(dir, 'film', { ...FULL_HD, seconds: 60 * minutes })

/** Repeats the streams of a clip, each by itself: where one is longer than the other, the rate would become an odd one. */
export async function repeat(clip: string, path: string, minutes: number): Promise<string> {
  const video = `${path}.video.mkv`
  const audio = `${path}.audio.mkv`
  await ffmpeg(['-i', clip, '-map', '0:v:0', '-c', 'copy', video, '-map', '0:a:0', '-c', 'copy', audio])
  const repeated = [video, audio].flatMap((each) => ['-stream_loop', '-1', '-i', each])
  const length = ['-t', String(60 * minutes)]
  await ffmpeg([...repeated, '-map', '0:v', '-map', '1:a', '-c', 'copy', ...length, path])
  await Promise.all([video, audio].map((each) => rm(each)))
  return path
}
