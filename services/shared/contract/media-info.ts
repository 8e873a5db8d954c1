import { z } from 'zod'

const nullable = <T extends z.ZodType>(schema: T, description: string) =>
  schema.nullable().meta({ description })

export const VideoInfo = z
  .object({
    index: z.number().int().meta({ description: 'Index of the stream in its container.' }),
    codec: z.string().meta({ example: 'h264' }),
    profile: z.string().optional().meta({
      description: 'Profile of the codec, as ffprobe names it; left out when there is none.',
      example: 'High',
    }),
    width: z
      .number()
      .int()
      .meta({ description: 'Stored width in pixels, before rotation and pixel aspect.' }),
    height: z.number().int().meta({ description: 'Stored height in pixels, before rotation.' }),
    display_width: z.number().int().meta({ description: 'Display width in square pixels, after rotation.' }),
    display_height: z
      .number()
      .int()
      .meta({ description: 'Display height in square pixels, after rotation.' }),
    rotation: z.number().int().meta({ description: 'Clockwise rotation for display, in degrees.' }),
    mirrored: z
      .boolean()
      .meta({ description: 'Whether the video is flipped horizontally for display, after rotation.' }),
    fps: z.number().meta({ description: 'Average frame rate, in frames per second.', example: 24 }),
    variable_fps: z.boolean().meta({ description: 'Whether the frame rate varies.' }),
    peak_fps: z
      .number()
      .optional()
      .meta({
        description:
          'Where the frame rate varies: the rate while the video moves, in frames per second; left out when it is ' +
          'constant or not known.',
      }),
    pixel_format: z.string().meta({ example: 'yuv420p' }),
    matrix: nullable(z.string(), 'Color matrix, or null when the stream does not declare it.'),
    hdr: z.boolean().meta({ description: 'Whether the transfer function is PQ or HLG.' }),
    transfer: nullable(
      z.string(),
      'Transfer characteristics, or null when the stream does not declare them.',
    ),
    primaries: nullable(z.string(), 'Color primaries, or null when the stream does not declare them.'),
    interlaced: z.boolean(),
    alpha: z.boolean().meta({ description: 'Whether the video has an alpha channel.' }),
    dolby_vision: z
      .number()
      .int()
      .optional()
      .meta({
        description:
          'Profile of Dolby Vision, where the colours are for its decoders alone (5, and 10 without a compatible base layer): ' +
          'such video can be copied, not encoded.',
      }),
    ignored_crop: z.boolean().optional().meta({
      description:
        'Whether the container asks players to crop the video, as far as ffmpeg reports it (since 7.1). All of it is used.',
    }),
    reordered_frames: z
      .number()
      .int()
      .optional()
      .meta({
        description:
          'How many frames a decoder reads before it shows the first one, where the container says only when frames are ' +
          'decoded (AVI); left out when there are none.',
      }),
    x264_build: z
      .number()
      .int()
      .optional()
      .meta({
        description:
          'Build of the x264 encoder that made the video, where decoding depends on it: builds before 151, when it is ' +
          'lossless or has 4:4:4 chroma.',
      }),
    duration: nullable(z.number(), 'Duration of the video stream in seconds, or null when unknown.'),
    bit_rate: nullable(z.number().int(), 'Bit rate in bits per second, or null when unknown.'),
    frames: nullable(z.number().int(), 'Number of frames, or null when the container does not record it.'),
  })
  .meta({ id: 'VideoInfo' })

export const AudioInfo = z
  .object({
    index: z.number().int().meta({ description: 'Index of the stream in its container.' }),
    codec: z.string().meta({ example: 'aac' }),
    channels: z.number().int(),
    sample_rate: z.number().int().meta({ description: 'Sample rate in hertz.', example: 48_000 }),
    duration: nullable(z.number(), 'Duration of the audio stream in seconds, or null when unknown.'),
    bit_rate: nullable(z.number().int(), 'Bit rate in bits per second, or null when unknown.'),
  })
  .meta({ id: 'AudioInfo' })

const WARNING_CODES = [
  'duration_corrected',
  'timestamps_jump',
  'parameters_change',
  'audio_track_ignored',
  'video_track_ignored',
  'content_damaged',
] as const

/** Something about a source that its owner should know although it can be used. `at`: seconds from its beginning. */
export const MediaWarning = z
  .object({
    code: z.enum(WARNING_CODES).meta({
      description:
        '`duration_corrected`: the container states or suggests another duration than its content has; ' +
        '`timestamps_jump`: timestamps start anew or jump on the way, and were continued without a gap; ' +
        '`parameters_change`: the size of the video, or the channels or sample rate of the audio, changes on the ' +
        'way, and all of it is brought to one format; ' +
        '`audio_track_ignored`: the file has further audio tracks, which are not used; ' +
        '`video_track_ignored`: a video track before the one that is used has a codec that is not supported; ' +
        '`content_damaged`: a range in the middle could not be decoded, and the result has a still frame or silence there, or ' +
        'distorted frames.',
    }),
    message: z.string(),
    at: z.number().optional().meta({ description: 'Where, in seconds from the beginning of the file.' }),
  })
  .meta({ id: 'MediaWarning' })

/** What probing a media file found: the video and audio streams that are used, and the file as a whole. */
export const MediaInfo = z
  .object({
    container: z
      .string()
      .meta({ description: 'Container format names, as ffprobe reports them.', example: 'mov,mp4,m4a' }),
    duration: z.number().meta({
      description:
        'Duration in seconds, from the earliest start to the latest end of the streams that are used. It is measured ' +
        'where the container only allows an estimate.',
      example: 30.03,
    }),
    start: z.number().optional().meta({
      description:
        "Where the content starts on the container's own clock, in seconds; left out when that is 0.",
    }),
    bytes: nullable(z.number().int(), 'File size in bytes, or null when unknown.'),
    bit_rate: nullable(z.number().int(), 'Total bit rate in bits per second, or null when unknown.'),
    streams: z.number().int().meta({ description: 'Number of streams of any kind.' }),
    video: VideoInfo.nullable().meta({ description: 'The video stream, or null when there is none.' }),
    audio: AudioInfo.nullable().meta({ description: 'The audio stream, or null when there is none.' }),
    warnings: z.array(MediaWarning).optional().meta({
      description:
        'What was found to be irregular in the file, and corrected; left out when there is nothing.',
    }),
  })
  .meta({ id: 'MediaInfo' })

export type VideoInfo = z.infer<typeof VideoInfo>
export type AudioInfo = z.infer<typeof AudioInfo>
export type MediaWarning = z.infer<typeof MediaWarning>
export type MediaInfo = z.infer<typeof MediaInfo>
