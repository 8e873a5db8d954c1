/** Reads the times of key frames from the report of ffmpeg's muxer framecrc on one stream, which arrives in pieces. */
export function createKeyFrameParser(limit: number) {
  const times: number[] = []
  let rest = ''
  let timeBase = Number.NaN
  let covered = 0

  function addLine(line: string) {
    const [, numerator, denominator] = TIME_BASE.exec(line) ?? []
    if (numerator && denominator) timeBase = Number(numerator) / Number(denominator)
    const [, pts, flags] = PACKET.exec(line) ?? []
    if (pts === undefined) return
    const at = Math.round(Number(pts) * timeBase * 1e6) / 1e6
    covered = Math.max(covered, at)
    if (isShownKeyFrame(flags) && times.length < limit) times.push(at)
  }

  return {
    add(text: string): void {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) addLine(line)
    },
    /** Whether there are as many as may be. */
    isFull: () => times.length >= limit,
    /** The times in order, in seconds, and how far packets were read. */
    result: () => ({ times: [...times].sort((a, b) => a - b), covered }),
  }
}

const TIME_BASE = /^#tb 0: (\d+)\/(\d+)/
/** `stream, dts, pts, duration, size, checksum`, and the flags where they are others than those of a key frame. */
const PACKET = /^0, *-?\d+, *(-?\d+), *-?\d+, *\d+, 0x[0-9a-f]+(?:, F=0x([0-9a-f]+))?/i

const KEY = 1
const CORRUPT = 2
const DISCARD = 4

const isShownKeyFrame = (flags = '1') => (Number.parseInt(flags, 16) & (KEY | CORRUPT | DISCARD)) === KEY
