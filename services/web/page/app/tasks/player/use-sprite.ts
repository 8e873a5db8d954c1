import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { TaskOutput } from '#shared/contract/tasks.ts'
import { useLink } from './use-link.ts'
import { type Tile, tilesOf } from './vtt.ts'

export type Sprite = { url: string; tiles: Tile[] }

/** The sheet of images of a task with its index, where there is one. */
export function useSprite(id: string, outputs: readonly TaskOutput[]): Signal<Sprite | undefined> {
  const sprite = useSignal<Sprite | undefined>(undefined)
  const index = outputs.find(({ content_type: type }) => type === 'text/vtt')?.name
  const sheet = index && outputs.find(({ name }) => name === index.replace(/vtt$/, 'jpg'))?.name
  const [indexUrl, sheetUrl] = [useLink(id, sheet && index).value, useLink(id, sheet).value]
  useEffect(() => {
    if (!indexUrl || !sheetUrl) return
    fetch(indexUrl)
      .then((reply) => reply.text())
      .then((text) => (sprite.value = { url: sheetUrl, tiles: tilesOf(text) }))
      // The position is still shown.
      .catch(() => undefined)
  }, [indexUrl, sheetUrl])
  return sprite
}
