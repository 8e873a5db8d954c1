/** A stretch of an ADTS stream of one sample rate, by the headers of its frames: Hz, seconds. */
export type RateRun = { rate: number; seconds: number }

/** Follows the sample rate of an ADTS stream, of which `add` takes all bytes, in order and in chunks of any size. */
export type AdtsRates = { add(bytes: Uint8Array): void; finish(): RateRun[] }

const SAMPLE_RATES = [
  ...[96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350],
]
const HEADER_BYTES = 7
const SAMPLES_PER_BLOCK = 1024

/**
 * Reads the sample rates of raw AAC. Of files that were joined, ffmpeg gives all packets the times that follow from the rate of the
 * first, and prints the rate of none.
 * https://wiki.multimedia.cx/index.php/ADTS
 */
export function readAdtsRates(): AdtsRates {
  const runs: { rate: number; samples: number; seconds: number }[] = []
  let rest = Buffer.alloc(0)
  /** Whether `rest` begins where a frame ended: elsewhere, what looks like a header counts only when another follows its frame. */
  let inSync = false

  const count = ({ rate, samples }: FrameHeader) => {
    const last = runs.at(-1)
    const run = last?.rate === rate ? last : { rate, samples: 0, seconds: 0 }
    if (run !== last) runs.push(run)
    run.samples += samples
    run.seconds = run.samples / rate
  }

  return {
    add(bytes) {
      const buffer = Buffer.concat([rest, bytes])
      let at = 0
      while (at + HEADER_BYTES <= buffer.length) {
        const header = parseHeader(buffer, at)
        if (header && at + header.bytes + HEADER_BYTES > buffer.length) break
        const isFrame =
          header !== undefined && (inSync || parseHeader(buffer, at + header.bytes) !== undefined)
        if (isFrame) count(header)
        inSync = isFrame
        at += isFrame ? header.bytes : 1
      }
      rest = buffer.subarray(at)
    },
    finish() {
      const last = inSync ? parseHeader(rest, 0) : undefined
      if (last) count(last)
      return runs.map(({ rate, seconds }) => ({ rate, seconds }))
    },
  }
}

type FrameHeader = { rate: number; samples: number; bytes: number }

/** The header of the frame at an offset; undefined when there is none. */
function parseHeader(buffer: Buffer, at: number): FrameHeader | undefined {
  if (at + HEADER_BYTES > buffer.length) return undefined
  // Twelve bits of sync, and a layer that is always 0.
  if ((buffer.readUInt16BE(at) & 0xfff6) !== 0xfff0) return undefined
  const rate = SAMPLE_RATES[(buffer.readUInt8(at + 2) >> 2) & 0xf]
  const bytes = (buffer.readUIntBE(at + 3, 3) >> 5) & 0x1fff
  if (rate === undefined || bytes < HEADER_BYTES) return undefined
  return { rate, bytes, samples: SAMPLES_PER_BLOCK * ((buffer.readUInt8(at + 6) & 3) + 1) }
}

/** When a moment is played, in seconds, that is at `seconds` on a clock by which all of the runs have the rate of the first. */
export function playedAt(runs: RateRun[], seconds: number): number {
  const first = runs[0]?.rate ?? 0
  let left = seconds
  let played = 0
  for (const run of runs) {
    const counted = (run.seconds * run.rate) / first
    if (left <= counted) return played + (left * first) / run.rate
    left -= counted
    played += run.seconds
  }
  return played
}
