import {
  audioClip,
  beeps,
  clock,
  edited,
  encoded,
  everySecond,
  H264,
  plays,
  remuxed,
  replacing,
  silentClip,
  stands,
} from '../inputs.ts'
import type { Input, Kind } from '../types.ts'
import { ENCODE } from './recipes.ts'

const VP8 = '-c:v libvpx -deadline realtime -b:v 600k -pix_fmt yuv420p'
const video = silentClip('webm', VP8, 2)
const audio = audioClip('webm', '-c:a libopus', 6)
const LIVE = '-c copy -f webm -live 1'

/** Two seconds of frames, then the screen stands still while audio goes on to 6 s. */
const still = { seconds: 6, scenes: [plays(0, 1.9, 0), stands(2.1, 6, 59)] }
const repaired = edited(remuxed('webm', [video, audio], '-c copy'), replacing('DURATION', 'XURATION'))
const late: Input = {
  extension: 'webm',
  args: ['-itsoffset', '2', '-i', video, '-i', audio, ...LIVE.split(' ')],
}
/** Frames come some milliseconds late, each other ones, as a busy main thread delivers them. */
const jitter = (seconds: number) => `${clock(seconds)},settb=1/30000,setpts='PTS+floor(random(7)*14)*30'`
const uneven = encoded(
  'webm',
  [jitter(4), beeps(4)],
  `${VP8} -fps_mode passthrough -enc_time_base:v 1:1000 -c:a libopus -f webm -live 1`,
)
const unevenMp4 = encoded(
  'mp4',
  [jitter(3), beeps(6)],
  `${H264} -bf 0 -fps_mode passthrough -enc_time_base:v 1:30000 -video_track_timescale 30000 -c:a libopus -strict -2`,
)

export const browsers: Kind = {
  title: 'Recordings of browsers',
  cases: [
    {
      ...{
        id: 'recorder-still-end',
        title: 'MediaRecorder, the screen stands still from 2 s on, audio to 6 s',
      },
      ...{
        reports: 'muaz-khan/RecordRTC#484',
        inputs: [remuxed('webm', [video, audio], LIVE)],
        recipe: ENCODE,
      },
      right: { ...still, sourceSeconds: 6 },
    },
    {
      ...{
        id: 'recorder-still-end-trim',
        title: 'The same, 2 s from 3 s on',
        reports: 'opencast/studio#454',
      },
      ...{
        inputs: [remuxed('webm', [video, audio], LIVE)],
        trims: [{ start: 3, duration: 2 }],
        recipe: ENCODE,
      },
      right: { seconds: 2, scenes: [stands(0, 2, 59)] },
    },
    {
      ...{
        id: 'recorder-video-late',
        title: 'MediaRecorder, video begins at 2 s',
        reports: 'collab-project/videojs-record#31',
      },
      ...{
        inputs: [late],
        recipe: ENCODE,
        right: { seconds: 6, scenes: [plays(2.1, 3.9, 3)], sourceSeconds: 6 },
      },
    },
    {
      ...{
        id: 'recorder-jitter',
        title: 'MediaRecorder, uneven milliseconds, no cues',
        reports: 'muaz-khan/RecordRTC#264 muaz-khan/RecordRTC#393',
      },
      ...{
        inputs: [uneven],
        recipe: ENCODE,
        right: { seconds: 4, scenes: [plays(0, 4, 0)], framesWithin: 2, inSync: true, fpsAtLeast: 30 },
      },
    },
    {
      ...{ id: 'recorder-repaired', title: 'WebM whose duration was put in afterwards, still end' },
      ...{
        reports: 'yusitnikov/fix-webm-duration#14 miroslavpejic85/mirotalksfu#221',
        inputs: [repaired],
        recipe: ENCODE,
        right: still,
      },
    },
    {
      ...{
        id: 'recorder-mp4',
        title: 'MediaRecorder as MP4, uneven frames, the screen stands still from 3 s on',
      },
      ...{ inputs: [unevenMp4], recipe: ENCODE },
      right: { seconds: 6, scenes: [plays(0, 2.9, 0), stands(3.1, 6, 89)], framesWithin: 2, fpsAtLeast: 30 },
    },
    {
      ...{ id: 'recorder-h264', title: 'MediaRecorder with H.264, preset `convert`', recipe: 'convert' },
      inputs: [
        remuxed(
          'webm',
          [silentClip('mp4', `${H264} -bf 0`, 4), audioClip('webm', '-c:a libopus', 4)],
          '-c copy -f matroska -live 1',
        ),
      ],
      right: { seconds: 4, videoCodec: 'h264', scenes: [plays(0, 4, 0)], beats: everySecond(4) },
    },
  ],
}
