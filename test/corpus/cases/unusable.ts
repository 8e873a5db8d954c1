import type { ErrorCode } from '#shared/error-catalogue.ts'
import { clip, edited, H264, lavfi } from '../inputs.ts'
import type { CorpusCase, Input, Kind } from '../types.ts'
import { ENCODE } from './recipes.ts'

const mp4 = clip('mp4', H264, 2)
const content = (text: string, extension = 'mp4') => edited(mp4, () => Buffer.from(text), extension)

const refused = (
  id: string,
  title: string,
  input: Input,
  code: ErrorCode,
  more: Partial<CorpusCase> = {},
): CorpusCase => ({
  ...{ id, title, inputs: [input], recipe: ENCODE, right: { code } },
  ...more,
})

export const unusable: Kind = {
  title: 'Files and trims that cannot be used: one attempt, a code, a reason',
  cases: [
    refused('one-byte', 'One byte', content('x'), 'media.unreadable'),
    refused('text', 'Text named .mp4', content('Hello, this is text. '.repeat(100)), 'media.unreadable'),
    refused(
      'html',
      'A web page named .mp4',
      content(`<!doctype html><html>${' '.repeat(3000)}</html>`),
      'media.unreadable',
    ),
    refused(
      'no-index',
      'MP4 without its index',
      edited(mp4, (bytes) => bytes.subarray(0, bytes.indexOf('moov') - 4)),
      'media.unreadable',
    ),
    refused(
      'truncated',
      'MP4 with half of its data',
      edited(clip('mp4', `${H264} -movflags +faststart`, 4), (bytes) => bytes.subarray(0, bytes.length / 2)),
      'media.damaged',
    ),
    refused(
      'playlist',
      'An HLS playlist named .mp4',
      content('#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'),
      'media.unreadable',
    ),
    refused(
      'magicyuv',
      'MagicYUV',
      clip('avi', '-c:v magicyuv -pix_fmt yuv420p -c:a pcm_s16le', 1),
      'media.unreadable',
    ),
    refused(
      'svg',
      'SVG',
      content('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'svg'),
      'media.unreadable',
    ),
    refused('trim-behind-end', 'A trim behind the end', mp4, 'media.impossible', {
      trims: [{ start: 5, duration: 1 }],
    }),
    refused('trim-too-long', 'A trim longer than the source', mp4, 'media.impossible', {
      trims: [{ start: 1, duration: 5 }],
    }),
    refused(
      'no-video',
      'A video asked of audio',
      { extension: 'mp3', args: [...lavfi('sine=d=2')] },
      'media.impossible',
      { recipe: { frame: { width: 320, height: 180 } } },
    ),
    refused(
      'no-audio-mp3',
      'MP3 asked of video without audio',
      { extension: 'mp4', args: [...lavfi('testsrc2=s=64x64:d=1'), ...H264.split(' ')] },
      'media.impossible',
      { recipe: 'mp3' },
    ),
  ],
}
