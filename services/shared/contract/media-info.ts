import { z } from 'zod'

const known = <T extends z.ZodType>(schema: T, description: string) => schema.nullable().meta({ description })

export const VideoInfo = z
  .object({
    index: z.number().int().meta({ description: 'Place of the stream in its container.' }),
    codec: z.string().meta({ example: 'h264' }),
    width: z.number().int().meta({ description: 'Pixels as stored: before rotation, not yet squared.' }),
    height: z.number().int().meta({ description: 'Pixels as stored: before rotation.' }),
    display_width: z.number().int().meta({ description: 'As shown: rotated, in square pixels.' }),
    display_height: z.number().int().meta({ description: 'As shown: rotated, in square pixels.' }),
    rotation: z.number().int().meta({ description: 'Degrees clockwise to turn the picture for showing.' }),
    mirrored: z.boolean().meta({ description: 'True when it is shown left to right, once turned.' }),
    fps: z.number().meta({ description: 'Frames per second, on average.', example: 24 }),
    variable_fps: z.boolean().meta({ description: 'True when frames are not evenly spaced.' }),
    pixel_format: z.string().meta({ example: 'yuv420p' }),
    matrix: known(z.string(), 'Colour matrix, when the stream names it.'),
    hdr: z.boolean().meta({ description: 'True for PQ and HLG.' }),
    transfer: known(z.string(), 'Transfer characteristic, when the stream names it.'),
    interlaced: z.boolean(),
    alpha: z.boolean().meta({ description: 'True when the picture carries transparency.' }),
    duration: known(z.number(), 'Seconds of the picture alone.'),
    bit_rate: known(z.number().int(), 'Bits per second.'),
    frames: known(z.number().int(), 'Frames, when the container counts them.'),
  })
  .meta({ id: 'VideoInfo' })

export const AudioInfo = z
  .object({
    index: z.number().int().meta({ description: 'Place of the stream in its container.' }),
    codec: z.string().meta({ example: 'aac' }),
    channels: z.number().int(),
    sample_rate: z.number().int().meta({ description: 'Hertz.', example: 48_000 }),
    duration: known(z.number(), 'Seconds of the sound alone.'),
    bit_rate: known(z.number().int(), 'Bits per second.'),
  })
  .meta({ id: 'AudioInfo' })

/** What a probe says of one media file: the stream of each kind that is used, and the whole. */
export const MediaInfo = z
  .object({
    container: z.string().meta({ description: 'Names of the container format.', example: 'mov,mp4,m4a' }),
    duration: z.number().meta({ description: 'Seconds.', example: 30.03 }),
    bytes: known(z.number().int(), 'Size of the file.'),
    bit_rate: known(z.number().int(), 'Bits per second of the whole.'),
    streams: z.number().int().meta({ description: 'Streams in the file, of every kind.' }),
    video: VideoInfo.nullable().meta({ description: 'The picture, or null when there is none.' }),
    audio: AudioInfo.nullable().meta({ description: 'The sound, or null when there is none.' }),
  })
  .meta({ id: 'MediaInfo' })

export type VideoInfo = z.infer<typeof VideoInfo>
export type AudioInfo = z.infer<typeof AudioInfo>
export type MediaInfo = z.infer<typeof MediaInfo>
