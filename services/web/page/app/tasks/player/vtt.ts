/** A tile of a sprite, shown while the position is between `start` and `end`, in seconds. */
export type Tile = { start: number; end: number; x: number; y: number; width: number; height: number }

/** The tiles that a WebVTT index of a sprite names, as `sprite.jpg#xywh=0,0,160,90`. What is no tile is passed over. */
export function tilesOf(vtt: string): Tile[] {
  return vtt.split(/\r?\n\r?\n/).flatMap((cue) => {
    const times = /([\d:.]+) --> ([\d:.]+)/.exec(cue)
    const area = /#xywh=(\d+),(\d+),(\d+),(\d+)/.exec(cue)
    if (!times || !area) return []
    const [x = 0, y = 0, width = 0, height = 0] = area.slice(1).map(Number)
    return [{ start: secondsOf(times[1] ?? ''), end: secondsOf(times[2] ?? ''), x, y, width, height }]
  })
}

/** The tile for a position; before the first and after the last, the nearest. */
export const tileAt = (tiles: readonly Tile[], seconds: number): Tile | undefined =>
  tiles.find(({ end }) => seconds < end) ?? tiles.at(-1)

/** `00:01:02.500` or `01:02.500` in seconds. */
const secondsOf = (time: string): number => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
