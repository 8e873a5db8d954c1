import { audioClip, beeps, clock, edited, encoded, everySecond, H264, lavfi, plays } from '../inputs.ts'
import type { Input, Kind } from '../types.ts'
import { ENCODE, TO_MP3, TO_WAV } from './recipes.ts'

const TONE = 'sine=f=440:r=48000:d=4,volume=6'
/** The same loud tone in all channels, in phase. */
const surround = (layout: string, channels: string[]): Input => ({
  extension: 'mkv',
  args: [
    ...lavfi(clock(4), TONE),
    ...['-filter_complex', `[1:a]pan=${layout}|${channels.map((name) => `${name}=c0`).join('|')}[a]`],
    ...['-map', '0:v', '-map', '[a]', ...H264.split(' '), '-c:a', 'pcm_s16le'],
  ],
})
const surround51 = surround('5.1', ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'])
const surround71 = surround('7.1', ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'SL', 'SR'])
const mono = encoded('wav', ['sine=f=440:r=48000:d=4,volume=4'], '-ac 1')
const stereo: Input = {
  extension: 'wav',
  args: [...lavfi('sine=f=440:r=48000:d=4,volume=4,pan=stereo|FL=c0|FR=c0')],
}
/** sine has an amplitude of 1/8, here four times that. */
const TONE_LEVEL = 20 * Math.log10(0.5 / Math.SQRT2)

/** Two audio tracks, of which the first has a codec that is not accepted. */
const wavpackFirst: Input = {
  extension: 'mkv',
  args: [
    ...lavfi(clock(4), 'sine=d=4', beeps(4)),
    ...['-map', '0', '-map', '1', '-map', '2'],
    ...[...H264.split(' '), '-c:a:0', 'wavpack', '-c:a:1', 'aac'],
  ],
}

/** Two audio tracks, of which the first has a codec that ffmpeg does not know. */
const apacFirst = edited(
  {
    extension: 'mov',
    args: [
      ...lavfi(clock(4), 'sine=d=4', beeps(4)),
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      ...H264.split(' '),
      '-c:a',
      'aac',
    ],
  },
  (bytes) => {
    const entry = bytes.indexOf('mp4a', bytes.indexOf('soun'))
    bytes.write('apac', entry)
    bytes.write('dapa', bytes.indexOf('esds', entry))
    return bytes
  },
)

export const audio: Kind = {
  title: 'Audio',
  cases: [
    {
      ...{
        id: 'surround-51',
        title: '5.1 at -2.5 dBFS in all channels, to stereo',
        reports: 'HandBrake/HandBrake#2030',
      },
      ...{ inputs: [surround51], recipe: ENCODE, right: { seconds: 4, channels: 2, peakBelow: 0.3 } },
    },
    {
      ...{
        id: 'surround-71-mp3',
        title: '7.1 to MP3',
        reports: 'mpv-player/mpv#7761',
        inputs: [surround71],
        recipe: TO_MP3,
      },
      right: { streams: 'audio', seconds: 4, channels: 2, peakBelow: 0.3 },
    },
    {
      ...{
        id: 'mono-level',
        title: 'Mono keeps its level in stereo',
        inputs: [mono],
        recipe: { output: { format: 'wav', channels: 2 } },
      },
      right: { streams: 'audio', seconds: 4, channels: 2, level: TONE_LEVEL },
    },
    {
      ...{
        id: 'stereo-level',
        title: 'Stereo keeps its level in mono',
        inputs: [stereo],
        recipe: { output: { format: 'wav', channels: 1 } },
      },
      right: { streams: 'audio', seconds: 4, channels: 1, level: TONE_LEVEL },
    },
    {
      ...{
        id: 'mono-joined',
        title: 'A mono and a stereo clip of the same level, joined',
        inputs: [mono, stereo],
        recipe: TO_WAV,
      },
      right: { streams: 'audio', seconds: 8, channels: 2, level: TONE_LEVEL },
    },
    {
      ...{
        id: 'normalize',
        title: '`audio: normalize` of a quiet tone',
        recipe: { audio: 'normalize', ...TO_MP3 },
      },
      inputs: [encoded('wav', ['sine=f=440:r=48000:d=6,volume=0.3'])],
      right: { streams: 'audio', seconds: 6, loudness: -16 },
    },
    {
      ...{
        id: 'apac-first',
        title: 'Two audio tracks, the first in Apple APAC',
        reports: 'immich-app/immich#30511 protonemedia/laravel-ffmpeg#538',
      },
      ...{ inputs: [apacFirst], recipe: ENCODE },
      right: {
        seconds: 4,
        scenes: [plays(0, 4, 0)],
        beats: everySecond(4),
        warnings: ['audio_track_ignored'],
      },
    },
    {
      ...{ id: 'wavpack-first', title: 'Two audio tracks, the first in WavPack' },
      ...{ inputs: [wavpackFirst], recipe: ENCODE },
      right: {
        seconds: 4,
        scenes: [plays(0, 4, 0)],
        beats: everySecond(4),
        warnings: ['audio_track_ignored'],
      },
    },
    {
      ...{ id: 'low-rate', title: '8 kHz mono', inputs: [encoded('wav', [beeps(4, 8000)])], recipe: TO_MP3 },
      right: { streams: 'audio', seconds: 4, beats: everySecond(4) },
    },
    {
      ...{
        id: 'high-rate',
        title: '24 bits at 96 kHz (FLAC)',
        inputs: [audioClip('flac', '-ar 96000 -sample_fmt s32')],
        recipe: TO_MP3,
      },
      right: { streams: 'audio', seconds: 4, beats: everySecond(4) },
    },
  ],
}
