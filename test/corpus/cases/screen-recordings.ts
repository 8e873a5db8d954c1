import {
  audioClip,
  beeps,
  clip,
  clock,
  encoded,
  everySecond,
  H264,
  plays,
  silentClip,
  stands,
} from '../inputs.ts'
import type { Kind } from '../types.ts'
import { COPY, ENCODE, TO_MP3 } from './recipes.ts'

/** Frames 0 to 60 within two seconds, then none until frame 180 at 6 s. */
const slides = (extension: string, options = H264) =>
  encoded(extension, [clock(7), beeps(7)], `-vf select='lte(n,60)+gte(n,180)' -fps_mode vfr ${options}`)
const stillEnd = (extension: string, options = H264) => encoded(extension, [clock(2), beeps(8)], options)
const bursts = (select: string, rate: number) =>
  encoded('mp4', [clock(6, rate)], `-vf select='${select}' -fps_mode vfr ${H264}`)

export const screens: Kind = {
  title: 'Screen recordings with still scenes',
  cases: [
    {
      ...{
        id: 'slides-trim-inside',
        title: 'MP4, 2 s from inside a still scene',
        reports: 'heygen-com/hyperframes#360',
      },
      ...{ inputs: [slides('mp4')], trims: [{ start: 3, duration: 2 }], recipe: ENCODE },
      right: { seconds: 2, scenes: [stands(0, 2, 60)] },
    },
    {
      ...{
        id: 'slides-trim-across',
        title: 'MP4, from a still scene into motion',
        reports: 'opencast/studio#454',
      },
      ...{ inputs: [slides('mp4')], trims: [{ start: 5, duration: 2 }], recipe: ENCODE },
      right: { seconds: 2, scenes: [stands(0, 0.95, 60), plays(1.05, 2, 182)], framesWithin: 2 },
    },
    {
      ...{ id: 'slides-gif', title: 'The same trim as a GIF with a poster', inputs: [slides('mp4')] },
      ...{
        trims: [{ start: 3, duration: 1 }],
        recipe: { output: { format: 'gif' }, thumbnails: { poster: { at: 0 } } },
      },
      right: {
        ...{ streams: 'video', seconds: 1, scenes: [stands(0, 1, 60)] },
        also: { 'poster.jpg': { streams: 'video', scenes: [stands(0, 1, 60)] } },
      },
    },
    {
      ...{ id: 'slow-trim', title: 'One frame a second, 1.5 s from 0.5 s on' },
      ...{ inputs: [clip('mp4', H264, 6, 1)], trims: [{ start: 0.5, duration: 1.5 }], recipe: ENCODE },
      right: {
        seconds: 1.5,
        streams: 'both',
        scenes: [stands(0, 0.45, 0), stands(0.55, 1.5, 1)],
        framesWithin: 0,
      },
    },
    {
      ...{
        id: 'slides-mkv',
        title: 'Matroska, from a still scene into motion',
        reports: 'Genymobile/scrcpy#643',
      },
      ...{ inputs: [slides('mkv')], trims: [{ start: 5, duration: 2 }], recipe: ENCODE },
      right: { seconds: 2, scenes: [stands(0, 0.95, 60), plays(1.05, 2, 182)], framesWithin: 2 },
    },
    {
      ...{
        id: 'slides-join',
        title: 'Two trims of still scenes joined',
        inputs: [slides('mp4'), slides('mkv')],
      },
      ...{
        trims: [
          { start: 3, duration: 1 },
          { start: 4, duration: 1 },
        ],
        recipe: ENCODE,
      },
      right: { seconds: 2, scenes: [stands(0, 2, 60)] },
    },
    {
      ...{
        id: 'still-end-whole',
        title: 'MP4, video to 2 s, audio to 8 s',
        inputs: [stillEnd('mp4')],
        recipe: ENCODE,
      },
      right: { seconds: 8, scenes: [plays(0, 1.95, 0), stands(2, 8, 59)] },
    },
    {
      ...{ id: 'still-end-trim', title: 'The same, 2 s behind the last frame', inputs: [stillEnd('mp4')] },
      ...{ reports: 'muaz-khan/RecordRTC#484', trims: [{ start: 5, duration: 2 }], recipe: ENCODE },
      right: { seconds: 2, scenes: [stands(0, 2, 59)] },
    },
    {
      ...{ id: 'still-end-ts', title: 'MPEG-TS, 2 s behind the last frame', inputs: [stillEnd('ts')] },
      ...{
        trims: [{ start: 5, duration: 2 }],
        recipe: ENCODE,
        right: { seconds: 2, scenes: [stands(0, 2, 59)] },
      },
    },
    {
      ...{
        id: 'bursts-60',
        title: '60 fps while something moves, none while not',
        reports: 'lihaoyun6/QuickRecorder#206 sitespeedio/browsertime#1123',
      },
      ...{
        inputs: [bursts('lt(t,2)+gt(t,5.9)', 60)],
        recipe: { frame: { width: 160, height: 90 }, ...ENCODE },
      },
      right: {
        fps: 60,
        seconds: 6,
        scenes: [plays(0, 1.95, 0, 60), stands(2.05, 5.9, 119)],
        framesWithin: 2,
      },
    },
    {
      ...{ id: 'bursts-30', title: '30 fps in bursts', reports: 'siddharthvaddem/openscreen#42' },
      ...{
        inputs: [bursts('lt(t,2)+gt(t,5.9)', 30)],
        recipe: { frame: { width: 160, height: 90 }, ...ENCODE },
      },
      right: {
        fps: 30,
        seconds: 6,
        scenes: [plays(0, 1.95, 0, 30), stands(2.05, 5.9, 59)],
        framesWithin: 2,
      },
    },
    {
      ...{ id: 'bursts-copied', title: '60 fps in bursts, copied', reports: 'lihaoyun6/QuickRecorder#19' },
      ...{ inputs: [bursts('lt(t,2)+gt(t,5.9)', 60)], recipe: COPY },
      right: { seconds: 6, scenes: [plays(0, 1.95, 0, 60)] },
    },
    {
      ...{
        id: 'slides-mp3',
        title: 'The audio of a recording with a still scene',
        inputs: [slides('mp4')],
        recipe: TO_MP3,
      },
      right: { streams: 'audio', seconds: 7, beats: everySecond(7) },
    },
    {
      ...{ id: 'audio-late-video', title: 'Video that ends before its audio begins', recipe: ENCODE },
      inputs: [
        {
          extension: 'mkv',
          args: [
            '-i',
            silentClip('mp4', H264, 1),
            '-itsoffset',
            '2',
            '-i',
            audioClip('m4a', '', 2),
            '-c',
            'copy',
          ],
        },
      ],
      right: { seconds: 4, scenes: [plays(0, 0.95, 0), stands(1.05, 4, 29)] },
    },
  ],
}
