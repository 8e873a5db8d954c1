import type { ChunkSettings } from '#batch/media/chunks/types.ts'
import { presets } from '#shared/contract/presets.ts'
import { Recipe } from '#shared/contract/recipe.ts'

/** How the product divides work where each job has one core. */
export const DIVIDE: ChunkSettings = { seconds: 45, cores: 1, threads: 1 }

/** `lead`: frames before the content. `speed`: how many times faster 20 workers should be. */
export type Transcode = { name: string; recipe: Recipe; size: string; lead: number; speed?: number }

const sources = [{ url: 'https://example.com/film.mp4' }]
export const REEL_LIKE: Transcode = {
  name: '640x360 with the logo',
  recipe: Recipe.parse({ ...presets.reel.recipe, sources }),
  size: '640:360',
  lead: 24,
}
export const HD: Transcode = {
  name: '720p',
  recipe: Recipe.parse({ sources, frame: { width: 1280, height: 720 }, output: { format: 'mp4' } }),
  size: '1280:720',
  lead: 0,
  speed: 15,
}
