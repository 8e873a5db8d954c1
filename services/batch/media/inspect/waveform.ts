import type { Waveform } from '#shared/contract/inspect/inspection.ts'
import type { MediaInput } from '../probe/media-input.ts'
import type { InspectOptions } from '../types.ts'
import { createPeaks, SAMPLE_RATE, samplesPerPeak } from './peaks.ts'
import { type InspectDeps, readStream } from './read-stream.ts'

/** The peaks of a file's audio. Decodes it. @throws CutroomError what probing and running throw. */
export async function readWaveform(
  input: MediaInput,
  deps: InspectDeps,
  options: InspectOptions,
): Promise<Waveform> {
  const probed = await deps.probe(input, options.signal)
  const { audio, duration } = probed.info
  const perPeak = samplesPerPeak(duration)
  const collected = createPeaks(perPeak)
  const complete =
    !audio ||
    (await readStream(
      input,
      {
        probed,
        index: audio.index,
        outputOptions: [
          ...['-map', `0:${audio.index}`, '-ac', '1'],
          // Gaps and a late start become silence, so that peaks are where they are in the file.
          ...['-af', `aresample=${SAMPLE_RATE}:async=1:first_pts=0`],
          ...['-c:a', 'pcm_s16le', '-f', 's16le'],
        ],
        onChunk(chunk) {
          collected.add(chunk)
          return false
        },
      },
      deps,
      options,
    ))
  const peaks = collected.end()
  const peaksPerSecond = SAMPLE_RATE / perPeak
  return {
    duration,
    covered_seconds: complete ? duration : peaks.length / peaksPerSecond,
    complete,
    peaks_per_second: peaksPerSecond,
    peaks,
  }
}
