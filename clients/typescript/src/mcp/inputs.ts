import { z } from 'zod'
import type { CreateTask, Recipe } from '../api.ts'

/** What a recipe may contain, in short: a model that knows this much writes valid ones, and the rest is named in errors. */
const RECIPE = [
  'The edit as JSON. All fields are optional:',
  'frame {width, height, aspect "16:9" (two of them, or one side), fit "pad"|"crop"|"stretch", background "blur" or a color};',
  'output {format "mp4"|"webm"|"mov"|"mkv"|"gif"|"mp3"|"m4a"|"ogg"|"wav", quality "draft"|"standard"|"high"} or outputs [{name, format, width, …}];',
  'audio "keep"|"mute"|"normalize"; several ranges of one source into a file each: clips [{start, end, name}]; split {every: seconds} or {at: [times]};',
  'bumper {intro, outro: {seconds, image|clip: {upload_id}}}; watermark {image: {upload_id}, corner "top_right", opacity, width};',
  'thumbnails {poster {at}, stills {count}, sprite {count, columns}}. Times are seconds, or text such as "1:02.5".',
  'Without a recipe, give a preset.',
].join(' ')

const Time = z.union([z.number(), z.string()]).optional()

// Loose: a field that is not described here reaches the service, which accepts it or names it.
const Source = z.looseObject({
  url: z.string().optional().describe('A public http or https URL.'),
  upload_id: z.string().optional().describe('An upload, from the tool upload.'),
  trim: z
    .looseObject({ start: Time, end: Time, duration: Time })
    .optional()
    .describe(
      'The range to keep: seconds, or text such as "1:02.5"; an end or a duration, or neither for the rest.',
    ),
})

export const Edit = {
  sources: z
    .array(Source)
    .min(1)
    .max(20)
    .describe('One source, or several that are joined in this order; each with a url or an upload_id.'),
  preset: z
    .string()
    .optional()
    .describe('The name of a preset, from the tool presets, in place of a recipe.'),
  recipe: z.looseObject({}).optional().describe(RECIPE),
}

type EditInput = z.infer<z.ZodObject<typeof Edit>>

/** The task that the input describes. What it may contain, the service checks. Pure. */
export function toTask({ sources, preset, recipe }: EditInput): CreateTask {
  return {
    sources: sources as NonNullable<CreateTask['sources']>,
    ...(preset !== undefined && { preset: preset as NonNullable<CreateTask['preset']> }),
    ...(recipe !== undefined && { recipe: recipe as Recipe }),
  }
}
