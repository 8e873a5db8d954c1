import { z } from 'zod'
import { Recipe, type Source } from './recipe.ts'

type PresetDefinition = {
  title: string
  description: string
  /** What is kept of each source that brings no trim of its own. */
  trim?: { start?: number; duration: number; at_most: true }
  /** A recipe but for its sources. */
  recipe: Omit<z.input<typeof Recipe>, 'sources'>
}

/** Recipes with a name. A preset may gain options; what it makes stays the same. */
export const presets = {
  reel: {
    title: 'Reel',
    description: 'The first 18 seconds in a 640x360 frame, with a second of logo before and after.',
    trim: { duration: 18, at_most: true },
    recipe: {
      frame: { width: 640, height: 360, fit: 'pad', upscale: true },
      bumper: { intro: { seconds: 1 }, outro: { seconds: 1 } },
      output: { format: 'mp4' },
    },
  },
  parts: {
    title: 'Parts',
    description: 'The whole in parts of 20 seconds, cropped to 16:9, with a second of logo around each.',
    recipe: {
      split: { every: 20 },
      frame: { aspect: '16:9', fit: 'crop' },
      bumper: { intro: { seconds: 1 }, outro: { seconds: 1 } },
      output: { format: 'mp4' },
    },
  },
  mp3: {
    title: 'Sound as MP3',
    description: 'The sound alone, as an MP3 of 192 kbit/s.',
    recipe: { output: { format: 'mp3', audio_bitrate: 192 } },
  },
  convert: {
    title: 'MP4 for everywhere',
    description: 'The whole as MP4 that every player takes; streams that already fit are kept as they are.',
    recipe: { output: { format: 'mp4' } },
  },
} as const satisfies Record<string, PresetDefinition>

export const PresetName = z
  .enum(Object.keys(presets) as [keyof typeof presets])
  .meta({ id: 'PresetName', description: 'A recipe with a name.' })
export type PresetName = z.infer<typeof PresetName>

/** The whole recipe a preset stands for. A source's own trim wins over the preset's. */
export function applyPreset(name: PresetName, sources: z.input<typeof Source>[]): Recipe {
  const { recipe, trim }: PresetDefinition = presets[name]
  return Recipe.parse({
    ...recipe,
    sources: sources.map((source) => ({ ...source, trim: source.trim ?? trim })),
  })
}

/** The presets as the API tells of them. */
export const PresetInfo = z
  .object({
    name: PresetName,
    title: z.string(),
    description: z.string(),
    recipe: z.record(z.string(), z.unknown()).meta({ description: 'The recipe, but for its sources.' }),
  })
  .meta({ id: 'Preset' })

export const PresetList = z.object({ presets: z.array(PresetInfo) }).meta({ id: 'PresetList' })
export type PresetList = z.infer<typeof PresetList>

/** Every preset, in the order in which a person should meet them. */
export const listPresets = (): PresetList => ({
  presets: PresetName.options.map((name) => {
    const { title, description, recipe } = presets[name]
    return { name, title, description, recipe }
  }),
})
