import type { VideoInfo } from '#shared/contract/media-info.ts'
import type { Matrix } from '../encoders.ts'
import { plain } from '../filter-graph.ts'
import { matrixOf } from '../target.ts'

/** Primaries with colours that BT.709 does not have: BT.2020, DCI-P3 and Display P3. */
const WIDE_PRIMARIES = new Set(['bt2020', 'smpte431', 'smpte432'])

/** True for video whose values mean other colours in the BT.709 SDR of all outputs, or whose matrix ffmpeg's scaler does not know. */
export const needsColourConversion = (video: VideoInfo): boolean =>
  video.hdr || WIDE_PRIMARIES.has(primariesOf(video)) || video.matrix === 'ycgco'

/** The primaries of SDR; where they are not stated, those that the matrix was made for, as in players. */
const primariesOf = ({ primaries, matrix }: VideoInfo): string =>
  primaries ?? (matrix?.startsWith('bt2020') ? 'bt2020' : 'bt709')

/**
 * Filters that scale video (`size`: "640:360") without changing its colours, in a pixel format that `colourConversion`
 * takes, with enough bits for it.
 */
export function scaleForConversion(video: VideoInfo, size: string): string[] {
  const { scaler } = storedMatrix(video)
  return [
    // Since version 7, ffmpeg's scaler refuses frames with the label of a matrix that it does not know.
    ...(video.matrix === 'ycgco' ? ['setparams=colorspace=bt709'] : []),
    `scale=${size}:in_color_matrix=${scaler}:out_color_matrix=${scaler}:out_range=tv`,
    `format=${keepsAlpha(video) ? 'yuva420p10le' : 'yuv420p10le'}`,
  ]
}

/** Filters that bring scaled video to BT.709 SDR with the matrix of the result. */
export const colourConversion = (video: VideoInfo, matrix: Matrix): string[] =>
  video.hdr ? toneMapping(video, matrix) : gamutConversion(video, matrix)

/** Luminance of diffuse white in HDR, in nits (BT.2408): it becomes the white of SDR. */
const REFERENCE_WHITE_NITS = 203
/** The brightest that PQ can store, in nits. */
const PEAK_NITS = 10_000
/** Up to this share of SDR white HDR comes out unchanged; what is brighter is compressed into the rest. */
const KNEE = 0.9

/** Mobius, since it leaves all below its knee alone: measurements are in docs/decisions/0012. */
const toneMapping = (video: VideoInfo, matrix: Matrix): string[] => [
  `zscale=tin=${video.transfer}:min=${storedMatrix(video).zscale}:pin=${video.primaries ?? 'bt2020'}:rin=tv` +
    // Frames keep what they say of their primaries, and may say nothing.
    `${video.primaries ? '' : ':p=bt2020'}:t=linear:npl=${REFERENCE_WHITE_NITS}`,
  'format=gbrpf32le',
  'zscale=p=bt709',
  `tonemap=tonemap=mobius:param=${KNEE}:peak=${plain(PEAK_NITS / REFERENCE_WHITE_NITS)}:desat=0`,
  `zscale=t=bt709:m=${ZSCALE_MATRIX[matrix]}:r=tv`,
  'format=yuv420p',
]

/** Keeps the transfer curve: like that of BT.709 video, it is passed on to players as it is. */
function gamutConversion(video: VideoInfo, matrix: Matrix): string[] {
  const transfer = SDR_TRANSFERS[video.transfer ?? ''] ?? 'bt709'
  return [
    `zscale=tin=${transfer}:min=${storedMatrix(video).zscale}:pin=${primariesOf(video)}:rin=tv` +
      `:t=${transfer}:p=bt709:m=${ZSCALE_MATRIX[matrix]}:r=tv`,
    `format=${keepsAlpha(video) ? 'yuva420p' : 'yuv420p'}`,
  ]
}

/** The transfer curves of SDR that zscale knows, by ffprobe's names. */
const SDR_TRANSFERS: Record<string, string> = {
  gamma22: 'bt470m',
  gamma28: 'bt470bg',
  'iec61966-2-1': 'iec61966-2-1',
}

const ZSCALE_MATRIX: Record<Matrix, string> = { bt709: 'bt709', bt601: '170m' }

const keepsAlpha = ({ hdr, alpha }: VideoInfo) => alpha && !hdr

/** The matrix of scaled video, by its names in `scale` and `zscale`. RGB gets one when it is scaled. */
function storedMatrix(video: VideoInfo): { scaler: string; zscale: string } {
  if (video.matrix === 'bt2020c') return { scaler: 'bt2020', zscale: 'bt2020c' }
  if (video.matrix === 'bt2020nc' || (video.matrix === null && video.hdr)) {
    return { scaler: 'bt2020', zscale: 'bt2020nc' }
  }
  const matrix = matrixOf(video)
  // Scaled within one matrix, values are only scaled.
  if (video.matrix === 'ycgco') return { scaler: matrix, zscale: 'ycgco' }
  return { scaler: matrix, zscale: ZSCALE_MATRIX[matrix] }
}
