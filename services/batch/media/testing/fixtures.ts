import type { AudioInfo, MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import type { MediaLimits } from '../probe/media-input.ts'

/** What a probe might return: each test states only the fields it is about. */
export const aVideo = (more: Partial<VideoInfo> = {}): VideoInfo => ({
  index: 0,
  codec: 'h264',
  width: 1920,
  height: 1080,
  display_width: more.width ?? 1920,
  display_height: more.height ?? 1080,
  rotation: 0,
  mirrored: false,
  fps: 24,
  variable_fps: false,
  pixel_format: 'yuv420p',
  matrix: 'bt709',
  hdr: false,
  transfer: 'bt709',
  primaries: 'bt709',
  interlaced: false,
  alpha: false,
  duration: 30,
  bit_rate: null,
  frames: null,
  ...more,
})

export const anAudio = (more: Partial<AudioInfo> = {}): AudioInfo => ({
  index: 1,
  codec: 'aac',
  channels: 2,
  sample_rate: 48_000,
  duration: 30,
  bit_rate: null,
  ...more,
})

export const aMedium = (more: Partial<MediaInfo> = {}): MediaInfo => ({
  container: 'mov,mp4,m4a,3gp,3g2,mj2',
  duration: 30,
  bytes: 1000,
  bit_rate: null,
  streams: 2,
  video: aVideo(),
  audio: anAudio(),
  ...more,
})

export const someLimits: MediaLimits = {
  pixels: 8192 * 4352,
  seconds: 14_400,
  streams: 64,
  outputBytes: 10 * 1024 ** 3,
  scratchBytes: 32 * 1024 ** 3,
}
