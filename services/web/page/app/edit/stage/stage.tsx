import type { ComponentChildren, RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { changeGradually, chooseIn } from '../../start/edits.ts'
import { choices } from '../../start/work.ts'
import { hasVideo, type Size } from '../choices.ts'
import { followPointer } from '../timeline/drag.ts'
import { BlurredBackground } from './blurred-background.tsx'
import { type Layout, layoutOf, movable, positionAfter } from './layout.ts'
import { WatermarkView } from './watermark-view.tsx'

/** A pointer that moves less has clicked. */
const CLICK_PIXELS = 4

type Handlers = { onPointerDown: (event: PointerEvent) => void; onClick: () => void }

type Props = {
  video: RefObject<HTMLVideoElement | null>
  /** As it is displayed; undefined while it is not known, and for audio alone. */
  size: Size | undefined
  onClick: () => void
  /** The video, with what the pointer does to it. */
  children: (handlers: Handlers) => ComponentChildren
}

/** The frame of the result: the video where it will be, with bars, cut off or blurred sides, and the watermark. */
export function Stage({ video, size, onClick, children }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const hasMoved = useRef(false)
  const { fit, position, background, shape, watermark } = choices.value
  // The same elements in every case: another parent would begin the video anew.
  const layout = size && layoutOf(choices.value, size)
  const hasFrame = layout !== undefined && shape !== 'keep' && hasVideo(choices.value)
  const isMovable = hasFrame && fit === 'crop' && Object.values(movable(layout)).includes(true)

  /** Moves the video behind its frame. A click that ends a drag does not play it. */
  function dragVideo(event: PointerEvent, from: Layout) {
    const area = box.current?.getBoundingClientRect()
    if (!area) return
    const step = changeGradually()
    followPointer(event, ({ clientX, clientY }) => {
      const by = { x: (clientX - event.clientX) / area.width, y: (clientY - event.clientY) / area.height }
      hasMoved.current ||= Math.hypot(clientX - event.clientX, clientY - event.clientY) > CLICK_PIXELS
      if (hasMoved.current) step(() => chooseIn({ position: positionAfter(position, from, by) }))
    })
  }

  return (
    <div class="stage">
      <div
        ref={box}
        class={layout ? 'frame' : ''}
        style={layout && frameStyle(layout.frame, hasFrame ? background : undefined)}
      >
        {hasFrame && fit === 'blur' && (
          <BlurredBackground video={video} size={size ?? layout.frame} frame={layout.frame} />
        )}
        <div
          class={layout ? `frame-video ${isMovable ? 'movable' : ''}` : ''}
          style={layout && videoStyle(layout)}
        >
          {children({
            onPointerDown(event) {
              hasMoved.current = false
              if (layout && isMovable) dragVideo(event, layout)
            },
            onClick: () => hasMoved.current || onClick(),
          })}
        </div>
        {layout && watermark && hasVideo(choices.value) && (
          <WatermarkView watermark={watermark} frame={layout.frame} box={box} />
        )}
      </div>
    </div>
  )
}

const frameStyle = ({ width, height }: Size, background: string | undefined) => ({
  aspectRatio: `${width} / ${height}`,
  width: `min(100%, min(58vh, 40rem) * ${width / height})`,
  ...(background && { background }),
})

function videoStyle({ frame, video }: Layout) {
  const percent = (part: number, whole: number) => `${(part / whole) * 100}%`
  return {
    left: percent(video.left, frame.width),
    top: percent(video.top, frame.height),
    width: percent(video.width, frame.width),
    height: percent(video.height, frame.height),
  }
}
