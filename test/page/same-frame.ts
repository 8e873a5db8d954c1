import type { Page } from 'playwright-core'

const SIDE = 48

/**
 * How much the frame that the editor shows differs from the first frame of a result: the mean difference of a colour, from 0 to 255.
 * `shown` is a screenshot in PNG; the result plays on the page.
 */
export async function frameDifference(page: Page, shown: Buffer): Promise<number> {
  return page.evaluate(
    async ({ png, side }) => {
      const pixelsOf = (image: CanvasImageSource) => {
        const canvas = document.createElement('canvas')
        Object.assign(canvas, { width: side, height: side })
        const context = canvas.getContext('2d', { willReadFrequently: true })
        context?.drawImage(image, 0, 0, side, side)
        return context?.getImageData(0, 0, side, side).data ?? new Uint8ClampedArray()
      }
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0))
      const expected = pixelsOf(await createImageBitmap(new Blob([bytes], { type: 'image/png' })))
      const video = document.createElement('video')
      video.muted = true
      video.src = document.querySelector<HTMLVideoElement>('video.player')?.src ?? ''
      await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }))
      await new Promise((resolve) => {
        video.requestVideoFrameCallback(resolve)
        video.currentTime = 0.02
      })
      const actual = pixelsOf(video)
      return expected.reduce((sum, value, i) => sum + Math.abs(value - (actual[i] ?? 0)), 0) / expected.length
    },
    { png: shown.toString('base64'), side: SIDE },
  )
}
