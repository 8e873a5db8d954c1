import { t } from '../i18n/index.ts'
import type { Item } from '../start/item.ts'
import { formatTime } from './time.ts'

/** What the service has found out about a source that cannot be played here. */
export function SourceFacts({ item }: { item: Item }) {
  const info = item.info.value
  if (!info) return null
  const { duration, video, audio } = info
  const facts = [
    formatTime(duration),
    ...(video
      ? [
          `${video.display_width}×${video.display_height}`,
          t('edit.fps', { fps: Math.round(video.fps * 100) / 100 }),
          video.codec,
        ]
      : []),
    ...(audio ? [audio.codec] : [t('edit.noAudio')]),
  ]
  return <p class="hint numbers facts-line">{facts.join(' · ')}</p>
}
