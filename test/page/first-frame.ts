import type { Page } from 'playwright-core'
import { CLIP } from './clip.ts'

/** Which frame of the source is the first of the result in the player, as the browser shows both. */
export async function firstFrameIn(page: Page, clip: string): Promise<number> {
  await page.evaluate(() => {
    const input = document.createElement('input')
    input.type = 'file'
    input.id = 'source'
    document.body.append(input)
  })
  await page.locator('#source').setInputFiles(clip)
  return page.evaluate(async ({ fps, seconds }) => {
    const [width, height] = [160, 90]
    const pixelsOf = (video: HTMLVideoElement) => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width, height })
      const context = canvas.getContext('2d', { willReadFrequently: true })
      context?.drawImage(video, 0, 0, width, height)
      return context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray()
    }
    const load = (src: string) => {
      const video = document.createElement('video')
      video.src = src
      video.muted = true
      return new Promise<HTMLVideoElement>((resolve) => {
        video.addEventListener('loadeddata', () => resolve(video), { once: true })
      })
    }
    const show = (video: HTMLVideoElement, frame: number) =>
      new Promise<void>((resolve) => {
        video.requestVideoFrameCallback(() => resolve())
        video.currentTime = (frame + 0.5) / fps
      })
    const result = await load(document.querySelector<HTMLVideoElement>('video.player')?.src ?? '')
    await show(result, 0)
    const wanted = pixelsOf(result)
    const file = document.querySelector<HTMLInputElement>('#source')?.files?.[0]
    const source = await load(URL.createObjectURL(file ?? new Blob()))
    let best = { frame: -1, difference: Number.POSITIVE_INFINITY }
    // Around the right one is enough: a mistake would be a frame or two.
    for (let frame = 48; frame < Math.min(58, fps * seconds); frame++) {
      await show(source, frame)
      const difference = pixelsOf(source).reduce(
        (sum, value, i) => sum + Math.abs(value - (wanted[i] ?? 0)),
        0,
      )
      if (difference < best.difference) best = { frame, difference }
    }
    return best.frame
  }, CLIP)
}
