import { audioClip, concatenated, encoded, everySecond, plays, remuxed, silentClip } from '../inputs.ts'
import type { CorpusCase, Input, Kind } from '../types.ts'
import { ENCODE, TO_MP3, TO_WAV } from './recipes.ts'

const SECONDS = 12
/** Beeps above noise, silent meanwhile: a bit rate guessed from the silence is far off. */
const uneven = (silentWhile: string) =>
  `aevalsrc='if(${silentWhile},0,0.1*(random(0)-0.5)+0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1))':s=44100:d=${SECONDS}`

const quietStart = 'lt(t,4)'
const quietEnd = 'gt(t,8)'
const lateBeats = everySecond(SECONDS, 4)
const earlyBeats = everySecond(8)

function whole(id: string, title: string, input: Input, beats: number[], reports?: string): CorpusCase {
  return {
    ...{ id, title, ...(reports ? { reports } : {}), inputs: [input], recipe: TO_MP3 },
    right: { streams: 'audio', seconds: SECONDS, sourceSeconds: SECONDS, beats },
  }
}

const aac = encoded('aac', [uneven(quietStart)], '-b:a 128k')

export const rawAudio: Kind = {
  title: 'Audio without an index',
  cases: [
    whole(
      'aac-quiet-start',
      'ADTS AAC, silent at its start',
      aac,
      lateBeats,
      'stephengpope/no-code-architects-toolkit#206',
    ),
    whole(
      'aac-quiet-end',
      'ADTS AAC, silent at its end',
      encoded('aac', [uneven(quietEnd)], '-b:a 128k'),
      earlyBeats,
      'mpv-player/mpv#11697',
    ),
    {
      ...{
        id: 'aac-trim',
        title: 'ADTS AAC, 2 s from 9.5 s on',
        reports: 'aargirakis/BZRPlayer#655',
        inputs: [aac],
      },
      ...{ trims: [{ start: 9.5, duration: 2 }], recipe: TO_WAV },
      right: { streams: 'audio', seconds: 2, beats: [0.5, 1.5] },
    },
    whole(
      'mp3-no-xing',
      'MP3, variable bit rate, no Xing header, silent at its start',
      encoded('mp3', [uneven(quietStart)], '-q:a 2 -write_xing 0'),
      lateBeats,
      'MediaArea/MediaInfo#725',
    ),
    whole(
      'mp3-no-xing-end',
      'The same, silent at its end',
      encoded('mp3', [uneven(quietEnd)], '-q:a 2 -write_xing 0'),
      earlyBeats,
    ),
    {
      ...{ id: 'mp3-no-xing-trim', title: 'MP3 without Xing header, 2 s from 9.5 s on' },
      inputs: [encoded('mp3', [uneven(quietStart)], '-q:a 2 -write_xing 0')],
      ...{ trims: [{ start: 9.5, duration: 2 }], recipe: TO_WAV },
      right: { streams: 'audio', seconds: 2, beats: [0.5, 1.5] },
    },
    whole('ac3', 'AC-3 (.ac3)', encoded('ac3', [uneven(quietStart)]), lateBeats),
    whole('eac3', 'E-AC-3 (.eac3)', encoded('eac3', [uneven(quietStart)]), lateBeats),
    whole(
      'dts',
      'DTS (.dts)',
      encoded('dts', [uneven(quietStart)], '-c:a dca -strict -2 -ar 48000'),
      lateBeats,
    ),
    whole(
      'opus-ogg',
      'Opus in Ogg',
      encoded('opus', [uneven(quietStart)], '-c:a libopus -ar 48000'),
      lateBeats,
    ),
    whole('vorbis-ogg', 'Vorbis in Ogg', encoded('ogg', [uneven(quietStart)], '-c:a libvorbis'), lateBeats),
    whole('wma', 'Windows Media Audio', encoded('wma', [uneven(quietStart)], '-c:a wmav2'), lateBeats),
    {
      ...{ id: 'wav-piped', title: 'WAV written to a pipe: sizes are 0xFFFFFFFF' },
      inputs: [audioClip('wav', '-fflags +bitexact -write_bext 0 -f wav -seekable 0')],
      ...{ recipe: TO_MP3, right: { streams: 'audio', seconds: 4, beats: everySecond(4) } },
    },
    {
      ...{ id: 'flac-streamed', title: 'FLAC whose header has no number of samples' },
      inputs: [audioClip('flac', '-f flac -seekable 0')],
      ...{ recipe: TO_MP3, right: { streams: 'audio', seconds: 4, beats: everySecond(4) } },
    },
    {
      ...{ id: 'aac-rates', title: 'ADTS AAC, 44.1 and 22.05 kHz joined by `cat`, 2 s from 5.5 s on' },
      inputs: [concatenated('aac', audioClip('aac', '-ar 44100'), audioClip('aac', '-ar 22050'))],
      ...{ trims: [{ start: 5.5, duration: 2 }], recipe: TO_WAV },
      right: { streams: 'audio', seconds: 2, beats: [0.5, 1.5], beatsWithin: 0.15 },
    },
    {
      ...{ id: 'flac-joined', title: 'Two FLAC files joined by `cat`' },
      ...{ inputs: [concatenated('flac', audioClip('flac'), audioClip('flac'))], recipe: TO_MP3 },
      right: { code: 'media.unreadable', message: /after [34]\.\d s it continues as another file/ },
    },
    {
      ...{
        id: 'mka-starts-late',
        title: 'Audio in Matroska that starts at 4 s',
        reports: 'mifi/lossless-cut#875',
      },
      inputs: [
        remuxed('mka', [audioClip('m4a', '', 8)], '-c copy -avoid_negative_ts disabled', '-copyts -ss 4'),
      ],
      ...{ recipe: TO_MP3, right: { streams: 'audio', seconds: 4, sourceSeconds: 4, beats: everySecond(4) } },
    },
    {
      ...{ id: 'm2v-raw', title: 'Raw MPEG-2 (.m2v), 1 s from 2.5 s on', recipe: ENCODE },
      ...{
        inputs: [silentClip('m2v', '-c:v mpeg2video -q:v 2 -bf 2 -g 12')],
        trims: [{ start: 2.5, duration: 1 }],
      },
      right: { seconds: 1, scenes: [plays(0, 1, 75)] },
    },
    {
      ...{ id: 'h264-raw', title: 'Raw H.264 (.h264)', inputs: [silentClip('h264')], recipe: ENCODE },
      right: { seconds: 4, within: 0.15, scenes: [plays(0, 4, 0, 30)], framesWithin: 2 },
    },
  ],
}
