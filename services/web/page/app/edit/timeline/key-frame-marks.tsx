import { ratioOf, type View } from './view.ts'

/** So close together that they would say nothing. */
const MAX_MARKS = 120

type Props = { keyFrames: readonly number[]; view: View; fps: number }

/** Where key frames are, while few enough are shown. */
export function KeyFrameMarks({ keyFrames, view, fps }: Props) {
  const shown = keyFrames
    .map((seconds) => Math.round(seconds * fps))
    .filter((frame) => frame >= view.start && frame < view.end)
  if (shown.length > MAX_MARKS) return null
  return (
    <div class="key-frames" aria-hidden="true">
      {shown.map((frame) => (
        <span key={frame} style={{ left: `${ratioOf(view, frame) * 100}%` }} />
      ))}
    </div>
  )
}
