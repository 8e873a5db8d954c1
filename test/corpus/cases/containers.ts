import {
  audioClip,
  beeps,
  clip,
  clock,
  edited,
  encoded,
  everySecond,
  H264,
  lavfi,
  plays,
  remuxed,
} from '../inputs.ts'
import type { CorpusCase, Input, Kind } from '../types.ts'
import { COPY, ENCODE, TO_MP3 } from './recipes.ts'

const whole = { seconds: 4, fps: 30, scenes: [plays(0, 4, 0)], beats: everySecond(4) }
const mp4 = clip('mp4', `${H264} -g 30 -c:a aac`, 8)
const withoutReordering = clip('mp4', `${H264} -bf 0 -g 30 -c:a aac`, 8)

const rendered = (id: string, title: string, input: Input, more: Partial<CorpusCase> = {}): CorpusCase => ({
  ...{ id, title, inputs: [input], recipe: ENCODE, right: whole },
  ...more,
})

/** The second half of a file, with the timestamps that it had. */
const tail = (extension: string, options = '') =>
  remuxed(extension, [withoutReordering], `-c copy -avoid_negative_ts disabled ${options}`, '-copyts -ss 4')
/** What is left when a recorder crashes or a download breaks off. */
const cutOff = (input: Input, share = 0.7) =>
  edited(input, (bytes) => bytes.subarray(0, Math.floor(bytes.length * share)))

const chapters = edited(
  { extension: 'txt', args: ['-f', 'lavfi', '-i', 'anullsrc=d=1', '-f', 'ffmetadata'] },
  () =>
    Buffer.from(
      ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=4000\ntitle=Two\n',
    ),
)
const cover: Input = { extension: 'png', args: [...lavfi('color=red:s=300x300'), '-frames:v', '1'] }

export const containers: Kind = {
  title: 'Containers',
  cases: [
    rendered('mp4', 'MP4, index at the end', clip('mp4')),
    rendered('mp4-convert', 'MP4, preset `convert`', clip('mp4'), { recipe: 'convert' }),
    rendered('mov', 'QuickTime, PCM audio', clip('mov', `${H264} -c:a pcm_s16be`)),
    rendered(
      'fmp4',
      'Fragmented MP4 without index',
      clip('mp4', `${H264} -bf 0 -movflags frag_keyframe+empty_moov`),
    ),
    rendered('mkv', 'Matroska', clip('mkv')),
    rendered(
      'webm-vp9',
      'WebM, VP9 and Opus',
      clip('webm', '-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 600k -pix_fmt yuv420p -c:a libopus'),
    ),
    rendered('avi', 'AVI, MPEG-4 ASP and MP3', clip('avi', '-c:v mpeg4 -q:v 3 -c:a mp3')),
    rendered('avi-h264', 'AVI, H.264 with B-frames', clip('avi', `${H264} -bf 2 -c:a mp3`)),
    rendered('wmv', 'Windows Media, 3 s from 0.5 s on', clip('wmv', '-c:v wmv2 -q:v 3 -c:a wmav2'), {
      trims: [{ start: 0.5, duration: 3 }],
      right: { seconds: 3, fps: 30, scenes: [plays(0, 3, 14)], framesWithin: 2, beats: [0.5, 1.5, 2.5] },
    }),
    rendered(
      'flv',
      'Flash Video (H.263) without duration',
      clip('flv', '-c:v flv -q:v 3 -ar 44100 -flvflags no_duration_filesize'),
    ),
    rendered(
      '3gp',
      '3GP, H.263',
      encoded('3gp', [`${clock(4)},scale=352:288`, beeps(4, 44_100)], '-c:v h263 -q:v 3 -c:a aac'),
      {
        right: { ...whole, seconds: 4 },
      },
    ),
    rendered('ogv', 'Theora and Vorbis in Ogg', clip('ogv', '-c:v libtheora -q:v 8 -c:a libvorbis')),
    rendered(
      'mp4-edit-list',
      'MP4 trimmed by copying: an edit list',
      remuxed('mp4', [mp4], '-t 4 -c copy', '-ss 2.5'),
      {
        ...{ reports: 'mifi/lossless-cut#204' },
        right: { seconds: 4, within: 0.15, scenes: [plays(0, 4, 75)], beats: [0.5, 1.5, 2.5, 3.5] },
      },
    ),
    rendered('mp4-edit-list-copied', 'The same, copied', remuxed('mp4', [mp4], '-t 4 -c copy', '-ss 2.5'), {
      ...{ recipe: COPY, right: { seconds: 4, within: 0.6, inSync: true } },
    }),
    rendered('mkv-starts-late', 'Matroska that starts at 4 s', tail('mkv'), {
      ...{
        reports: 'zoriya/Kyoo#505 SuRGeoNix/Flyleaf#60',
        right: { ...whole, within: 0.15, scenes: [plays(0, 4, 120)], sourceSeconds: 4 },
      },
    }),
    rendered(
      'fmp4-starts-late',
      'Later segments of a live fMP4',
      tail('mp4', '-movflags frag_keyframe+empty_moov'),
      {
        ...{
          reports: 'zoriya/Kyoo#328 shaka-project/shaka-packager#1451',
          right: { ...whole, within: 0.15, scenes: [plays(0, 4, 120)], sourceSeconds: 4 },
        },
      },
    ),
    rendered(
      'mkv-crash',
      'Live Matroska cut off by a crash',
      cutOff(clip('mkv', `${H264} -g 30 -live 1`, 6)),
      {
        ...{ reports: 'mifi/lossless-cut#875', right: { inSync: true, fps: 30, scenes: [plays(0, 3, 0)] } },
      },
    ),
    rendered(
      'mkv-truncated',
      'Matroska that ends before its stated duration',
      cutOff(clip('mkv', H264, 6), 0.5),
      {
        right: { code: 'media.damaged' },
      },
    ),
    rendered('mp4-chapters', 'Chapters', {
      extension: 'mp4',
      args: ['-i', clip('mp4'), '-i', chapters, '-map', '0', '-map_chapters', '1', '-c', 'copy'],
    }),
    rendered(
      'm4a-cover',
      'M4A with a cover image, as MP3',
      {
        extension: 'm4a',
        args: [
          '-i',
          audioClip('m4a'),
          '-i',
          cover,
          '-map',
          '0',
          '-map',
          '1',
          '-c',
          'copy',
          '-disposition:v',
          'attached_pic',
        ],
      },
      {
        ...{ recipe: TO_MP3, right: { streams: 'audio', seconds: 4, beats: everySecond(4) } },
      },
    ),
    rendered(
      'subtitles',
      'Matroska with subtitles and two audio tracks',
      {
        extension: 'mkv',
        args: [
          '-i',
          clip('mkv'),
          '-i',
          edited(chapters, () => Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nHello\n'), 'srt'),
          '-map',
          '0:v',
          '-map',
          '0:a',
          '-map',
          '0:a',
          '-map',
          '1',
          '-c',
          'copy',
        ],
      },
      { reports: 'Chocobozzz/PeerTube#939', right: { ...whole, warnings: ['audio_track_ignored'] } },
    ),
  ],
}
