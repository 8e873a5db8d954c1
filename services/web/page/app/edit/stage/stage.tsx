import type { ComponentChildren, RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { choices } from '../../start/work.ts'
import { isAudio, type Size } from '../choices.ts'
import { BlurredBackground } from './blurred-background.tsx'
import { type Layout, layoutOf } from './layout.ts'
import { WatermarkView } from './watermark-view.tsx'

type Props = {
  video: RefObject<HTMLVideoElement | null>
  /** As it is displayed; undefined while it is not known, and for audio alone. */
  size: Size | undefined
  children: ComponentChildren
}

/** The frame of the result: the video where it will be, with bars, cut off or blurred sides, and the watermark. */
export function Stage({ video, size, children }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const { fit, background, shape, format, watermark } = choices.value
  // The same elements in every case: another parent would begin the video anew.
  const layout = size && layoutOf(choices.value, size)
  const hasFrame = layout !== undefined && shape !== 'keep' && !isAudio(format)
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
        <div class={layout ? 'frame-video' : ''} style={layout && videoStyle(layout)}>
          {children}
        </div>
        {layout && watermark && !isAudio(format) && (
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
