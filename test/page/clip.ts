import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const CLIP = { fps: 25, seconds: 20 }

/** A test video whose frames differ, with a tone. */
export async function generateClip(dir: string): Promise<string> {
  const path = join(dir, 'holiday.mp4')
  const { fps, seconds } = CLIP
  const video = ['-f', 'lavfi', '-i', `testsrc2=s=640x360:r=${fps}:d=${seconds}`]
  const audio = ['-f', 'lavfi', '-i', `sine=d=${seconds}`]
  const encoding = ['-pix_fmt', 'yuv420p', '-g', '50', '-movflags', '+faststart']
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', ...video, ...audio, ...encoding, path])
  return path
}

/** The same video in another container, without its audio: that would begin a little before the first frame. */
export async function copyVideo(from: string, to: string): Promise<void> {
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', '-y', '-i', from, '-c', 'copy', '-an', to])
}

/** A video that is pleasant to see, with audio whose waveform shows something. For screenshots. */
export async function generateScene(dir: string): Promise<string> {
  const path = join(dir, 'holiday.mp4')
  const { fps, seconds } = CLIP
  const colours = 'c0=0x0b7a67:c1=0xf0bd5b:c2=0x17324d:c3=0xf4877c'
  const scene = `gradients=s=1280x720:r=${fps}:d=${seconds}:n=4:speed=0.03:seed=7:${colours}`
  const tone = `aevalsrc=0.8*sin(220*2*PI*t)*abs(sin(t*1.7))*abs(cos(t*0.6)):d=${seconds}`
  const inputs = ['-f', 'lavfi', '-i', scene, '-f', 'lavfi', '-i', tone]
  const encoding = ['-pix_fmt', 'yuv420p', '-g', '50', '-movflags', '+faststart']
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', ...inputs, ...encoding, path])
  return path
}
