import { clip, concatenated, edited, everySecond, H264, plays, remuxed } from '../inputs.ts'
import type { Input, Kind } from '../types.ts'
import { ENCODE, TO_MP3 } from './recipes.ts'
import { recorded } from './transport-streams.ts'

/** The packets of a transport stream have 188 bytes. */
const withoutPackets =
  (from: number, to: number) =>
  (bytes: Buffer): Buffer => {
    const at = (share: number) => Math.floor((bytes.length * share) / 188) * 188
    return Buffer.concat([bytes.subarray(0, at(from)), bytes.subarray(at(to))])
  }

const unevenStart = edited(clip('ts', `${H264} -g 60 -b:v 800k -c:a aac`, 6), withoutPackets(0, 0.14))

const half = clip('ts', `${H264} -g 60 -c:a aac -muxdelay 0 -muxpreload 0`, 4)
const later = (offset: number, options = '') =>
  remuxed('ts', [half], `-c copy ${options} -output_ts_offset ${offset} -muxdelay 0 -muxpreload 0`)

/** Two times four seconds. Where one stream ends before the other, the second half starts some frames later. */
const joined = { seconds: 8, within: 0.2, framesWithin: 4, beatsWithin: 0.15, beats: everySecond(8) }
const bothHalves = [plays(0, 4, 0), plays(4.1, 8, 3)]

const shifted = (input: Input, offset: number, options: string) =>
  remuxed('ts', [input], `-c:v copy ${options} -output_ts_offset ${offset} -muxdelay 0 -muxpreload 0`)
const channelsChange = concatenated(
  'ts',
  shifted(half, 0, '-c:a ac3 -ac 2'),
  shifted(half, 4.1, '-c:a ac3 -ac 6'),
)
const rateChanges = concatenated(
  'ts',
  shifted(half, 0, '-c:a aac -ar 48000'),
  shifted(half, 4.1, '-c:a aac -ar 44100'),
)
const codecChanges = concatenated('ts', shifted(half, 0, '-c:a aac'), shifted(half, 4.1, '-c:a mp2'))
const larger = clip('ts', `${H264} -s 640x360 -g 60 -c:a aac -muxdelay 0 -muxpreload 0`, 4)
const sizeChanges = concatenated('ts', shifted(half, 0, '-c:a copy'), shifted(larger, 4.1, '-c:a copy'))

const ofAspect = (aspect: string) =>
  clip('ts', `-c:v mpeg2video -q:v 2 -g 12 -aspect ${aspect} -c:a mp2 -muxdelay 0 -muxpreload 0`, 4)
const aspectChanges = concatenated(
  'ts',
  ofAspect('4:3'),
  remuxed('ts', [ofAspect('16:9')], '-c copy -output_ts_offset 4.1 -muxdelay 0 -muxpreload 0'),
)

export const joins: Kind = {
  title: 'Transport streams whose timestamps or parameters change',
  cases: [
    {
      ...{ id: 'ts-cat', title: 'Two transport streams joined by `cat`, timestamps start anew' },
      ...{ reports: 'nilaoda/N_m3u8DL-RE#947', inputs: [concatenated('ts', half, half)], recipe: ENCODE },
      right: {
        ...joined,
        scenes: bothHalves,
        warnings: ['timestamps_jump', 'duration_corrected'],
        sourceSeconds: 8,
      },
    },
    {
      ...{ id: 'ts-cat-convert', title: 'The same, preset `convert`', reports: 'Franiac/TwitchLeecher#79' },
      ...{ inputs: [concatenated('ts', half, half)], recipe: 'convert' },
      right: { ...joined, scenes: bothHalves },
    },
    {
      ...{ id: 'ts-cat-three', title: 'Three of them, 2 s from 9 s on', reports: 'nilaoda/N_m3u8DL-RE#244' },
      ...{
        inputs: [concatenated('ts', half, half, half)],
        trims: [{ start: 9, duration: 2 }],
        recipe: ENCODE,
      },
      right: {
        ...joined,
        seconds: 2,
        scenes: [plays(0, 2, 30)],
        framesWithin: 7,
        beats: [0, 1],
        beatsWithin: 0.25,
      },
    },
    {
      ...{ id: 'ts-jump', title: 'Timestamps jump forward by 56 s', reports: 'nilaoda/N_m3u8DL-RE#244' },
      ...{ inputs: [concatenated('ts', half, later(60))], recipe: ENCODE },
      right: {
        ...joined,
        scenes: bothHalves,
        warnings: ['timestamps_jump', 'duration_corrected'],
        sourceSeconds: 8,
      },
    },
    {
      ...{
        id: 'ts-channels-change',
        title: 'Stereo becomes 5.1 on the way (AC-3)',
        reports: 'OvenMediaLabs/OvenMediaEngine#1235',
      },
      ...{ inputs: [channelsChange], recipe: ENCODE },
      right: { ...joined, channels: 2, scenes: bothHalves },
    },
    {
      ...{ id: 'ts-channels-change-mp3', title: 'The same, audio as MP3', reports: 'bytedeco/javacv#1080' },
      ...{ inputs: [channelsChange], recipe: TO_MP3 },
      right: { ...joined, streams: 'audio', channels: 2 },
    },
    {
      ...{
        id: 'ts-rate-changes',
        title: '48 kHz becomes 44.1 kHz on the way (AAC)',
        reports: 'OvenMediaLabs/OvenMediaEngine#1235',
      },
      ...{ inputs: [rateChanges], recipe: ENCODE },
      right: { ...joined, scenes: bothHalves },
    },
    {
      // ffmpeg keeps the decoder of the first codec: an error, rather than silence in the second half.
      ...{
        id: 'ts-codec-changes',
        title: 'AAC becomes MP2 on the way',
        inputs: [codecChanges],
        recipe: ENCODE,
      },
      right: { code: 'media.damaged' },
    },
    {
      ...{ id: 'ts-aspect-changes', title: '4:3 becomes 16:9 on the way (MPEG-2)' },
      ...{ inputs: [aspectChanges], recipe: ENCODE },
      right: { ...joined, size: '240x180', scenes: bothHalves, warnings: ['parameters_change'] },
    },
    {
      ...{
        id: 'ts-size-changes',
        title: '320x180 becomes 640x360 on the way',
        reports: 'thenickdude/webm-writer-js#8',
      },
      ...{ inputs: [sizeChanges], recipe: ENCODE },
      right: { ...joined, size: '320x180', scenes: bothHalves },
    },
    {
      ...{
        id: 'ts-starts-inside-gop',
        title: 'Begins inside a GOP, as a receiver tunes in',
        reports: 'sannies/mp4parser#317',
      },
      ...{ inputs: [unevenStart], recipe: ENCODE },
      right: { inSync: true, fps: 30 },
    },
    {
      ...{ id: 'ts-lost-packets', title: 'A twentieth of the packets lost in the middle' },
      ...{ inputs: [edited(recorded, withoutPackets(0.5, 0.55))], recipe: ENCODE },
      right: { seconds: 8, within: 0.2, inSync: true, scenes: [plays(0, 3.5, 0), plays(6.5, 8, 195)] },
    },
  ],
}
