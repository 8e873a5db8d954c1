/**
 * A file that ffmpeg may open: a path, or the loopback URL of a guarded reader. `inputOptions` restrict how ffmpeg
 * may reach it, with `-protocol_whitelist` at least. `readError` returns what kept the reader from the bytes, if
 * anything did; after a failed run it replaces ffmpeg's own error, which only describes the consequences. `file`: the
 * path, where that is outside of the directory of the job, so that a sandbox has to show it.
 */
export type MediaInput = {
  url: string
  inputOptions: string[]
  readError?: () => Error | undefined
  file?: string
  version?: FileVersion
}

/** The paths of what a sandbox has to show. */
export const filesOf = (inputs: MediaInput[]): string[] => [
  ...new Set(inputs.flatMap(({ file }) => file ?? [])),
]

/** What tells one version of a file from another: its size, and the tag or date by which its host knows it. */
export type FileVersion = { bytes: number; tag: string | null }

/**
 * Limits on what is decoded (pixels of a frame, seconds, streams) and on what is written: bytes of each output, and
 * of all the scratch space of a job.
 */
export type MediaLimits = {
  pixels: number
  seconds: number
  streams: number
  outputBytes: number
  scratchBytes: number
}

/** A local file. The `file:` prefix keeps ffmpeg from reading a name such as `concat:x` or `-i.mp4` as anything else. */
export const fileInput = (path: string): MediaInput => ({
  url: `file:${path}`,
  inputOptions: ['-protocol_whitelist', 'file'],
})

// ffmpeg detects formats by content, not by name: it would follow the URLs of a playlist called clip.mp4.
// So only self-contained containers are allowed.
const ALLOWED_CONTAINERS =
  'mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,mxf,gif,ivf,h264,hevc,m4v,dv,' +
  'mp3,aac,loas,wav,w64,flac,aiff,caf,ac3,eac3,dts,truehd,amr,apng'

/** Names of codecs and of their decoders. Rare and old decoders are where most vulnerabilities are found. */
export const ALLOWED_CODECS = new Set(
  (
    'h264,hevc,av1,libdav1d,libaom-av1,vp8,vp9,libvpx,libvpx-vp9,mpeg1video,mpeg2video,mpeg4,msmpeg4,' +
    'msmpeg4v1,msmpeg4v2,msmpeg4v3,h263,flv1,flv,vp6,vp6f,wmv1,wmv2,wmv3,vc1,theora,mjpeg,prores,dnxhd,' +
    'dvvideo,gif,ffv1,qtrle,png,apng,rawvideo,huffyuv,ffvhuff,utvideo,cfhd,' +
    'aac,aac_latm,mp3,mp3float,mp2,mp2float,ac3,eac3,opus,libopus,vorbis,libvorbis,flac,alac,wmav1,wmav2,' +
    'wmapro,dca,dts,truehd,amr_nb,amrnb,amr_wb,amrwb,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,' +
    'pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_mulaw,pcm_alaw,pcm_bluray,pcm_dvd,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,' +
    // Never decoded, but often present: ffmpeg refuses a whole file for one stream that is not listed.
    'bmp,webp,mov_text,subrip,srt,ass,ssa,webvtt,text,dvbsub,dvdsub,pgssub,cc_dec,xsub,dvb_teletext'
  ).split(','),
)

/**
 * A QuickTime file may name other files that hold its samples ("data references"), by absolute paths too. ffmpeg follows
 * neither by default; that it never does is decided here.
 * https://ffmpeg.org/ffmpeg-formats.html#mov_002fmp4_002f3gp
 */
const NO_DATA_REFERENCES = ['-enable_drefs', '0', '-use_absolute_path', '0']

const hasDataReferences = (container: string) => container.split(',').includes('mov')

/** Options that go before the `-i` of a user's source for ffprobe, which skips those that its demuxer does not know. */
export const guardUnknown = (input: MediaInput, limits: MediaLimits): string[] => [
  ...guardCommon(input, limits),
  ...NO_DATA_REFERENCES,
]

/** Options that go before the `-i` of a source for ffmpeg. It refuses what the demuxer of the probed `container` does not know. */
export const guardSource = (input: MediaInput, limits: MediaLimits, container: string): string[] => [
  ...guardCommon(input, limits),
  ...(hasDataReferences(container) ? NO_DATA_REFERENCES : []),
]

const guardCommon = (input: MediaInput, limits: MediaLimits): string[] => [
  ...input.inputOptions,
  ...['-format_whitelist', ALLOWED_CONTAINERS],
  ...['-codec_whitelist', [...ALLOWED_CODECS].join()],
  ...['-max_streams', String(limits.streams)],
  ...['-max_pixels', String(limits.pixels)],
]

/** Options that go before the `-i` of a user's still image. */
export const guardImage = (input: MediaInput, limits: MediaLimits): string[] => [
  ...input.inputOptions,
  ...['-format_whitelist', 'png_pipe,jpeg_pipe,webp_pipe'],
  ...['-codec_whitelist', 'png,mjpeg,webp'],
  ...['-max_pixels', String(limits.pixels)],
]

/** Options that go before the `-i` of the still images of an animated WebP, which follow each other in a file. */
export const guardStills = (input: MediaInput, limits: MediaLimits): string[] => [
  ...input.inputOptions,
  ...['-format_whitelist', 'webp_pipe', '-codec_whitelist', 'webp'],
  ...['-max_pixels', String(limits.pixels), '-f', 'webp_pipe'],
]
