import { edited, lavfi } from '../inputs.ts'
import type { CorpusCase, Input, Kind } from '../types.ts'

/** Red, green, grey, skin, white paper and reference white, each a column of 64 pixels. */
const PATCHES = ['c82828', '28a03c', '808080', 'e0b080', 'f0f0f0', 'ffffff']
const SDR = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv444p'
const LINEAR = 'zscale=tin=bt709:pin=bt709:min=bt709:rin=tv:t=linear:p=bt709:m=gbr:npl=203,format=gbrpf32le'

/** The patches after a conversion, encoded. */
function patches(extension: string, conversion: string, options: string): Input {
  const columns = PATCHES.map((colour, i) => `color=0x${colour}:s=64x128:r=10:d=0.5[p${i}]`)
  const labels = PATCHES.map((_, i) => `[p${i}]`).join('')
  const joined = `${labels}hstack=${PATCHES.length},format=gbrp,${conversion}`
  return { extension, args: [...lavfi([...columns, joined].join(';')), ...options.split(' ')] }
}

const tags = (primaries: string, transfer: string, matrix: string, range = 'tv') =>
  `-color_primaries ${primaries} -color_trc ${transfer} -colorspace ${matrix} -color_range ${range}`
const X264 = '-c:v libx264 -crf 8 -preset veryfast'
const X265 = '-c:v libx265 -preset ultrafast -x265-params log-level=error:crf=8'

const hdr = (transfer: string) =>
  patches(
    'mov',
    `${SDR},${LINEAR},zscale=p=bt2020:t=${transfer}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le`,
    `${X265} -tag:v hvc1 ${tags('bt2020', transfer, 'bt2020nc')}`,
  )
const wide = (primaries: string, matrix: string, format = 'yuv420p', encoder = X264) =>
  patches(
    'mp4',
    `${SDR},${LINEAR},zscale=p=${primaries}:t=bt709:m=${matrix}:r=tv:npl=203,format=${format}`,
    `${encoder} ${tags(primaries, 'bt709', matrix)}`,
  )
const sdr = (matrix: string, range: 'tv' | 'pc', format: string, encoder = X264) =>
  patches(
    'mp4',
    `scale=out_color_matrix=${matrix}:out_range=${range},format=${format}`,
    `${encoder} ${tags(matrix === 'bt709' ? 'bt709' : 'smpte170m', matrix === 'bt709' ? 'bt709' : 'smpte170m', matrix === 'bt709' ? 'bt709' : 'smpte170m', range)}`,
  )

/** As Apple's encoders write it: every frame header declares BT.709, which that of FFmpeg leaves out. */
const prores = edited(
  patches(
    'mov',
    'scale=out_color_matrix=bt709,format=yuva444p10le',
    `-c:v prores_ks -profile:v 4 ${tags('bt709', 'bt709', 'bt709')}`,
  ),
  (bytes) => {
    for (let at = bytes.indexOf('icpf'); at >= 0; at = bytes.indexOf('icpf', at + 1))
      bytes.fill(1, at + 18, at + 21)
    return bytes
  },
)

function shown(id: string, title: string, input: Input, within: number, reports?: string): CorpusCase {
  return {
    ...{
      id,
      title,
      ...(reports ? { reports } : {}),
      inputs: [input],
      recipe: { output: { quality: 'high' } },
    },
    right: { seconds: 0.5, colours: { patches: PATCHES, within } },
  }
}

export const colours: Kind = {
  title: 'Colours: red, green, grey, skin, paper, white (c82828 28a03c 808080 e0b080 f0f0f0 ffffff)',
  cases: [
    shown(
      'hlg',
      'HDR (HLG), white at 203 nits',
      hdr('arib-std-b67'),
      8,
      'LibrePhotos/librephotos#455 mpv-player/mpv#10576',
    ),
    shown('pq', 'HDR (PQ), white at 203 nits', hdr('smpte2084'), 8, 'ErsatzTV/legacy#2204'),
    {
      ...shown('hlg-join', 'HLG joined with SDR: the HLG half', hdr('arib-std-b67'), 8),
      inputs: [hdr('arib-std-b67'), sdr('bt709', 'tv', 'yuv420p')],
      right: { seconds: 1, colours: { patches: PATCHES, within: 8 } },
    },
    shown('bt2020-sdr', 'BT.2020 SDR', wide('bt2020', 'bt2020nc'), 8, 'rigaya/NVEnc#361'),
    shown(
      'bt2020-sdr-10',
      'BT.2020 SDR, 10 bits in HEVC',
      wide('bt2020', 'bt2020nc', 'yuv420p10le', X265),
      8,
      'rigaya/NVEnc#412',
    ),
    shown('display-p3', 'Display P3', wide('smpte432', 'bt709'), 8, 'pannal/CoreELEC#31'),
    shown('dci-p3', 'P3 with the DCI white', wide('smpte431', 'bt709'), 8),
    shown('bt709', 'BT.709', sdr('bt709', 'tv', 'yuv420p'), 3),
    shown('bt601', 'BT.601', sdr('bt601', 'tv', 'yuv420p'), 3),
    shown('full-range', 'BT.709, full range', sdr('bt709', 'pc', 'yuvj420p'), 3, 'corrscope/corrscope#365'),
    shown('full-range-hevc', 'BT.709, full range in HEVC', sdr('bt709', 'pc', 'yuv420p', X265), 3),
    shown('ten-bits', 'H.264 with 10 bits', sdr('bt709', 'tv', 'yuv420p10le'), 3),
    shown('444', 'H.264 4:4:4', sdr('bt709', 'tv', 'yuv444p'), 3),
    shown('422-10', 'H.264 4:2:2 with 10 bits', sdr('bt709', 'tv', 'yuv422p10le'), 3),
    shown('rgb', 'RGB in H.264', patches('mkv', 'format=gbrp', '-c:v libx264rgb -crf 4 -pix_fmt rgb24'), 3),
    shown('prores-4444', 'ProRes 4444 with alpha', prores, 3),
    shown('gif-colours', 'GIF', patches('gif', 'format=bgr8', '-r 10'), 40),
  ],
}
