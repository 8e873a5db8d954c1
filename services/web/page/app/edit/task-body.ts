import type { FormatName } from '#shared/contract/formats.ts'
import type { PresetName } from '#shared/contract/presets.ts'

/** What the page sends to POST /tasks. */
export type TaskBody = {
  sources?: SourceBody[]
  preset?: PresetName
  recipe?: {
    sources?: SourceBody[]
    frame?: { aspect: string; fit: 'pad' | 'crop'; background?: 'blur' }
    audio?: 'mute' | 'normalize'
    output: { format: FormatName; quality?: 'draft' | 'standard' | 'high' }
  }
}
export type SourceBody = ({ url: string } | { upload_id: string }) & {
  trim?: { start: number; duration?: number }
}

/** What a person chose. `clip` is a recipe of the page's own; the others are presets of the service. */
export type Choices = {
  kind: 'clip' | PresetName
  format: FormatName
  quality: 'auto' | 'draft' | 'standard' | 'high'
  shape: 'keep' | '16:9' | '9:16' | '1:1'
  fit: 'pad' | 'crop' | 'blur'
  audio: 'keep' | 'mute' | 'normalize'
}

export const DEFAULT_CHOICES: Choices = {
  kind: 'clip',
  format: 'mp4',
  quality: 'auto',
  shape: 'keep',
  fit: 'pad',
  audio: 'keep',
}

const AUDIO_FORMATS: readonly FormatName[] = ['mp3', 'm4a', 'ogg', 'wav']

/** Whether a format has no video, so that its frame cannot be chosen. */
export const isAudio = (format: FormatName): boolean => AUDIO_FORMATS.includes(format)

/** The request for one task that joins these sources. What a format does not support is left out. */
export function taskBody(sources: SourceBody[], choices: Choices): TaskBody {
  if (choices.kind !== 'clip') return { preset: choices.kind, sources }
  const { format, quality, audio } = choices
  return {
    recipe: {
      sources,
      ...frameOf(choices),
      ...(audio !== 'keep' && format !== 'gif' && !(audio === 'mute' && isAudio(format)) && { audio }),
      output: { format, ...(quality !== 'auto' && !isAudio(format) && format !== 'gif' && { quality }) },
    },
  }
}

function frameOf({ format, shape, fit }: Choices) {
  if (shape === 'keep' || isAudio(format)) return {}
  if (fit === 'crop') return { frame: { aspect: shape, fit } }
  return {
    frame: { aspect: shape, fit: 'pad' as const, ...(fit === 'blur' && { background: 'blur' as const }) },
  }
}

/** The same request for a shell: what the page sends, to paste into a terminal where `TOKEN` is set. */
export function toCurl(origin: string, body: TaskBody): string {
  const json = JSON.stringify(body).replaceAll("'", "'\\''")
  return [
    `curl -s ${origin}/tasks \\`,
    '  -H "Authorization: Bearer $TOKEN" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d '${json}'`,
  ].join('\n')
}
