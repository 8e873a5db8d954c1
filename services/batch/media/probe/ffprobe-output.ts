import { z } from 'zod'
import { unreadableSource } from './unreadable-source.ts'

const text = z.string().optional()
const numeric = z.coerce.number().finite().optional().catch(undefined)

const Stream = z.object({
  index: z.number().int(),
  codec_type: text,
  codec_name: text,
  profile: z.string().optional().catch(undefined),
  codec_tag_string: text,
  width: numeric,
  height: numeric,
  sample_aspect_ratio: text,
  pix_fmt: text,
  field_order: text,
  color_space: text,
  color_transfer: text,
  color_primaries: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  start_time: numeric,
  duration: numeric,
  bit_rate: numeric,
  nb_frames: numeric,
  nb_read_packets: numeric,
  has_b_frames: numeric,
  channels: numeric,
  sample_rate: numeric,
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z
    .array(
      z.object({
        side_data_type: text,
        rotation: numeric,
        displaymatrix: text,
        dv_profile: numeric,
        dv_bl_signal_compatibility_id: numeric,
      }),
    )
    .default([]),
})

/** A packet as ffprobe prints it; what it does not know is left out. */
type Packet = {
  stream_index: number
  pts_time?: string
  dts_time?: string
  duration_time?: string
  flags?: string
}

const Output = z.object({
  // Not validated: there may be a thousand.
  packets: z.array(z.custom<Packet>()).default([]),
  streams: z.array(Stream).default([]),
  format: z.object({
    format_name: z.string(),
    start_time: numeric,
    duration: numeric,
    size: numeric,
    bit_rate: numeric,
    nb_streams: z.number().int(),
  }),
})

/** A stream as ffprobe describes it, with ffprobe's names: durations in seconds, bit rates in bit/s. */
export type FfprobeStream = z.infer<typeof Stream>

export type FfprobeOutput = z.infer<typeof Output>

/**
 * Reads what `ffprobe -print_format json -show_format -show_streams` prints.
 * @throws CutroomError `media.unreadable` when it printed no description of a file.
 */
export function parseFfprobeOutput(printed: string): FfprobeOutput {
  try {
    return Output.parse(JSON.parse(printed))
  } catch (cause) {
    throw unreadableSource('ffprobe recognized no streams in it', cause)
  }
}

/** The packets in what `ffprobe -print_format json` prints with packets alone; none where it printed nothing. */
export const parsePackets = (printed: string): FfprobeOutput['packets'] =>
  printed === '' ? [] : (JSON.parse(printed).packets ?? [])
