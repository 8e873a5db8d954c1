import type { RefObject } from 'preact'
import { t } from '../../i18n/index.ts'
import type { Asset } from '../../start/asset.ts'
import { changeGradually, choose, chooseIn } from '../../start/edits.ts'
import type { Size, WatermarkChoice } from '../choices.ts'
import { followPointer } from '../timeline/drag.ts'
import { type Corner, cornerAt, cornerBy } from './layout.ts'

type Props = {
  watermark: WatermarkChoice<Asset>
  frame: Size
  box: RefObject<HTMLDivElement | null>
}

/** The watermark where it will be. Dragged, or moved with the arrow keys, it goes from corner to corner. */
export function WatermarkView({ watermark, frame, box }: Props) {
  const { corner, margin, opacity, width, image } = watermark

  function drag(event: PointerEvent) {
    event.preventDefault()
    event.stopPropagation()
    const step = changeGradually()
    followPointer(event, ({ clientX, clientY }) => {
      const area = box.current?.getBoundingClientRect()
      if (!area) return
      const at = cornerAt((clientX - area.left) / area.width, (clientY - area.top) / area.height)
      step(() => chooseIn({ watermark: { ...watermark, corner: at } }))
    })
  }

  function onKeyDown(event: KeyboardEvent) {
    const to = cornerBy(corner, event.key)
    if (!event.key.startsWith('Arrow')) return
    event.preventDefault()
    event.stopPropagation()
    if (to !== corner) choose({ watermark: { ...watermark, corner: to } })
  }

  const [vertical, horizontal] = corner.split('_') as [string, string]
  return (
    <button
      type="button"
      class="watermark"
      aria-label={t('stage.watermark', { corner: t(`corner.${corner satisfies Corner}`) })}
      title={t('stage.watermarkHint')}
      style={{
        width: `${width * 100}%`,
        [horizontal]: `${(margin / frame.width) * 100}%`,
        [vertical]: `${(margin / frame.height) * 100}%`,
      }}
      onPointerDown={drag}
      onKeyDown={onKeyDown}
      onClick={(event) => event.stopPropagation()}
    >
      {image.src.value ? (
        <img src={image.src.value} alt="" draggable={false} style={{ opacity }} />
      ) : (
        <span class="name">{image.name}</span>
      )}
    </button>
  )
}
