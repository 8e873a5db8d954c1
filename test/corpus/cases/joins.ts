import { beeps, clip, clock, encoded, everySecond, H264, lavfi, plays, remuxed, stands } from '../inputs.ts'
import type { Input, Kind } from '../types.ts'
import { ENCODE } from './recipes.ts'

const logo: Input = { extension: 'png', args: [...lavfi('color=red:s=64x64'), '-frames:v', '1'] }
const animatedWebp = encoded('webp', [clock(1, 10)], '-c:v libwebp_anim')

/** Six clips of 2 s, no two alike, each with frames from 0 on. */
const unlike: Input[] = [
  clip('mp4', `${H264} -c:a aac`, 2),
  clip('ts', `${H264} -c:a aac -ac 1`, 2, 25),
  encoded('mkv', [clock(2, '24000/1001'), beeps(2, 44_100)], `${H264} -c:a libvorbis`),
  encoded(
    'webm',
    [clock(2, '60000/1001'), beeps(2)],
    '-c:v libvpx -deadline realtime -b:v 600k -pix_fmt yuv420p -c:a libopus',
  ),
  remuxed('mp4', [clip('mp4', `${H264} -g 30`, 4)], '-t 2 -c copy', '-ss 2'),
  encoded('avi', [clock(2), beeps(2, 22_050)], '-c:v mpeg4 -q:v 3 -c:a mp3'),
]

export const editing: Kind = {
  title: 'Joins, bumpers, watermarks, presets',
  cases: [
    {
      ...{
        id: 'join-six',
        title: 'Six unlike clips: 30, 25, 23.976 and 59.94 fps, four sample rates, an edit list',
        recipe: ENCODE,
      },
      ...{ reports: 'PHP-FFMpeg/PHP-FFMpeg#395 stephengpope/no-code-architects-toolkit#4', inputs: unlike },
      right: {
        ...{ seconds: 12, within: 0.2, fps: 30, beatsWithin: 0.15, beats: everySecond(12), framesWithin: 5 },
        scenes: [plays(0, 2, 0), plays(2.1, 3.9, 2.5, 25), plays(8.2, 9.9, 66), plays(10.2, 11.9, 6)],
      },
    },
    {
      ...{ id: 'join-trimmed', title: 'The same clips, a second of each from 0.5 s on', inputs: unlike },
      ...{ trims: unlike.map(() => ({ start: 0.5, duration: 1 })), recipe: ENCODE },
      right: {
        seconds: 6,
        beatsWithin: 0.1,
        beats: [0.5, 1.5, 2.5, 3.5, 4.5, 5.5],
        framesWithin: 3,
        scenes: [plays(0, 1, 15), plays(4.05, 4.95, 76)],
      },
    },
    {
      ...{
        id: 'join-webm',
        title: 'MP4 and MPEG-TS joined as WebM',
        inputs: unlike.slice(0, 2),
        recipe: { output: { format: 'webm', quality: 'draft' } },
      },
      right: {
        seconds: 4,
        within: 0.2,
        videoCodec: 'vp9',
        audioCodec: 'opus',
        beatsWithin: 0.1,
        beats: everySecond(4),
        scenes: [plays(0, 2, 0)],
      },
    },
    {
      ...{
        id: 'bumpers',
        title: 'A second of an image before and a clip behind',
        inputs: [clip('mp4', H264, 2)],
      },
      assets: { image: logo, clip: clip('mkv', H264, 2, 25) },
      recipe: {
        bumper: {
          intro: { seconds: 1, image: { upload_id: '$image' } },
          outro: { seconds: 1, clip: { upload_id: '$clip' } },
        },
        ...ENCODE,
      },
      right: { seconds: 4, scenes: [plays(1, 3, 0), plays(3.05, 3.95, 1, 25)], framesWithin: 2 },
    },
    {
      ...{
        id: 'bumper-webp',
        title: 'An animated WebP as a bumper',
        reports: 'marcinjakubik/Stickerify#273',
        inputs: [clip('mp4', H264, 2)],
      },
      ...{
        assets: { image: animatedWebp },
        recipe: { bumper: { intro: { image: { upload_id: '$image' } } }, ...ENCODE },
      },
      right: { code: 'media.unreadable', message: /animated WebP/ },
    },
    {
      ...{ id: 'webp-source', title: 'An animated WebP as a source', inputs: [animatedWebp], recipe: ENCODE },
      right: { seconds: 1, fps: 10, size: '320x180', scenes: [plays(0, 1, 0, 10)] },
    },
    {
      ...{ id: 'watermark', title: 'A watermark', inputs: [clip('mp4', H264, 2)], assets: { image: logo } },
      recipe: {
        watermark: { image: { upload_id: '$image' }, corner: 'top_right', margin: 0, width: 0.1 },
        ...ENCODE,
      },
      right: { seconds: 2, scenes: [plays(0, 2, 0)], beats: [0, 1] },
    },
    {
      ...{ id: 'reel', title: 'Preset `reel`', inputs: [clip('mp4', H264, 2)], recipe: 'reel' },
      right: { seconds: 4, size: '640x360', fps: 30 },
    },
    {
      ...{ id: 'preset-mp3', title: 'Preset `mp3`', inputs: [clip('mkv', H264)], recipe: 'mp3' },
      right: { streams: 'audio', seconds: 4, audioCodec: 'mp3', beats: everySecond(4) },
    },
    {
      ...{
        id: 'parts',
        title: 'Parts of 2.5 s',
        inputs: [clip('mp4', H264, 5)],
        recipe: { split: { every: 2.5 }, ...ENCODE },
      },
      right: {
        ...{ seconds: 2.5, scenes: [plays(0, 2.5, 0)], beats: [0, 1, 2] },
        also: { 'part-002.mp4': { seconds: 2.5, scenes: [plays(0, 2.5, 75)], beats: [0.5, 1.5] } },
      },
    },
    {
      ...{ id: 'thumbnails', title: 'A poster at 1.5 s', inputs: [clip('mp4', H264, 3)] },
      recipe: { thumbnails: { poster: { at: 1.5 } }, ...ENCODE },
      right: {
        seconds: 3,
        scenes: [plays(0, 3, 0)],
        also: { 'poster.jpg': { streams: 'video', scenes: [stands(0, 1, 45)] } },
      },
    },
  ],
}
