import { z } from 'zod'
import { Recipe, type Source } from './recipe.ts'

type PresetDefinition = {
  title: string
  description: string
  /** Applied to each source that has no trim of its own. */
  trim?: { start?: number; duration: number; at_most: true }
  /** A recipe without its sources. */
  recipe: Omit<z.input<typeof Recipe>, 'sources'>
}

/** Recipes by name. A preset may gain options, but what it renders stays the same. */
export const presets = {
  reel: {
    title: 'Short reel',
    description: 'The first 18 seconds in a 640x360 frame, with a one-second logo intro and outro.',
    trim: { duration: 18, at_most: true },
    recipe: {
      frame: { width: 640, height: 360, fit: 'pad', upscale: true },
      bumper: { intro: { seconds: 1 }, outro: { seconds: 1 } },
      output: { format: 'mp4' },
    },
  },
  parts: {
    title: '20-second parts',
    description:
      'The whole source in parts of 20 seconds, cropped to 16:9, each with a one-second logo intro and outro.',
    recipe: {
      split: { every: 20 },
      frame: { aspect: '16:9', fit: 'crop' },
      bumper: { intro: { seconds: 1 }, outro: { seconds: 1 } },
      output: { format: 'mp4' },
    },
  },
  mp3: {
    title: 'Audio as MP3',
    description: 'The audio only, as a 192 kbit/s MP3.',
    recipe: { output: { format: 'mp3', audio_bitrate: 192 } },
  },
  convert: {
    title: 'Universal MP4',
    description:
      'The whole source as an MP4 that plays everywhere. Streams that already fit are copied without loss.',
    recipe: { output: { format: 'mp4' } },
  },
} as const satisfies Record<string, PresetDefinition>

export const PresetName = z
  .enum(Object.keys(presets) as [keyof typeof presets])
  .meta({ id: 'PresetName', description: 'Name of a preset.' })
export type PresetName = z.infer<typeof PresetName>

/** The complete recipe of a preset for the given sources. A source's own trim overrides the preset's. */
export function applyPreset(name: PresetName, sources: z.input<typeof Source>[]): Recipe {
  const { recipe, trim }: PresetDefinition = presets[name]
  return Recipe.parse({
    ...recipe,
    sources: sources.map((source) => ({ ...source, trim: source.trim ?? trim })),
  })
}

const PresetInfo = z
  .object({
    name: PresetName,
    title: z.string(),
    description: z.string(),
    recipe: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The recipe that the preset stands for, without sources.' }),
  })
  .meta({ id: 'Preset' })

export const PresetList = z.object({ presets: z.array(PresetInfo) }).meta({ id: 'PresetList' })
export type PresetList = z.infer<typeof PresetList>

/** All presets, in the order of the documentation. */
export const listPresets = (): PresetList => ({
  presets: PresetName.options.map((name) => {
    const { title, description, recipe } = presets[name]
    return { name, title, description, recipe }
  }),
})
