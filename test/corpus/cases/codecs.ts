import { audioClip, clip, everySecond, H264, plays } from '../inputs.ts'
import type { CorpusCase, Input, Kind } from '../types.ts'
import { ENCODE, TO_MP3 } from './recipes.ts'

const read = (id: string, title: string, input: Input, reports?: string): CorpusCase => ({
  ...{ id, title, ...(reports ? { reports } : {}), inputs: [input], recipe: ENCODE },
  right: { seconds: 2, scenes: [plays(0, 2, 0)], beats: everySecond(2) },
})
const PCM = '-c:a pcm_s16le'

/** Cleanly refused, after one attempt, with the codec's name. */
const refused = (id: string, title: string, input: Input, name: RegExp): CorpusCase => ({
  ...{ id, title, inputs: [input], recipe: ENCODE },
  right: { code: 'media.unreadable', message: name },
})

export const codecs: Kind = {
  title: 'Codecs of cameras, discs, editors and capture programs',
  cases: [
    read(
      'pcm-bluray',
      'Blu-ray PCM in AVCHD',
      clip('m2ts', `${H264} -c:a pcm_bluray -ac 2 -mpegts_m2ts_mode 1`, 2),
    ),
    read('pcm-dvd', 'DVD PCM in a VOB', clip('vob', '-c:v mpeg2video -q:v 3 -c:a pcm_dvd -ac 2', 2)),
    read('rawvideo', 'Uncompressed AVI', clip('avi', `-c:v rawvideo -pix_fmt bgr24 ${PCM}`, 2)),
    read('rawvideo-mov', 'Uncompressed 4:2:2 MOV', clip('mov', `-c:v rawvideo -pix_fmt uyvy422 ${PCM}`, 2)),
    read('huffyuv', 'HuffYUV', clip('avi', `-c:v huffyuv -pix_fmt yuv422p ${PCM}`, 2)),
    read('ffvhuff', "FFmpeg's HuffYUV", clip('mkv', `-c:v ffvhuff -pix_fmt yuv420p ${PCM}`, 2)),
    read('utvideo', 'Ut Video', clip('avi', `-c:v utvideo -pix_fmt yuv422p ${PCM}`, 2)),
    read('cfhd', 'GoPro CineForm', clip('mov', `-c:v cfhd -pix_fmt yuv422p10le ${PCM}`, 2)),
    read('ffv1', 'FFV1', clip('mkv', '-c:v ffv1 -c:a flac', 2)),
    read('prores', 'ProRes 422', clip('mov', `-c:v prores_ks -profile:v 0 ${PCM}`, 2)),
    read('dnxhr', 'DNxHR', clip('mov', `-c:v dnxhd -profile:v dnxhr_lb -pix_fmt yuv422p ${PCM}`, 2)),
    read('mjpeg', 'Motion JPEG of a webcam', clip('avi', `-c:v mjpeg -q:v 3 -pix_fmt yuvj422p ${PCM}`, 2)),
    {
      ...read(
        'dv',
        'DV',
        clip('dv', '-vf scale=720:576,setsar=64/45 -r 25 -pix_fmt yuv420p -ar 48000 -ac 2', 2, 25),
      ),
      right: { seconds: 2, size: '1024x576', scenes: [plays(0, 2, 0, 25)], beats: everySecond(2) },
    },
    read('av1', 'AV1 in MP4', clip('mp4', '-c:v libaom-av1 -cpu-used 8 -crf 20 -b:v 0 -pix_fmt yuv420p', 2)),
    read(
      'vp8-avi',
      'Xvid in AVI with B-frames',
      clip('avi', '-c:v mpeg4 -vtag XVID -bf 2 -q:v 3 -c:a mp3', 2),
      'quietvoid/AetherEngine#409',
    ),
    read('qtrle', 'QuickTime Animation', clip('mov', `-c:v qtrle ${PCM}`, 2)),
    {
      ...{
        id: 'caf',
        title: 'Core Audio Format',
        inputs: [audioClip('caf', '-c:a pcm_s16be')],
        recipe: TO_MP3,
      },
      right: { streams: 'audio', seconds: 4, beats: everySecond(4) },
    },
    {
      ...{ id: 'alac', title: 'Apple Lossless', inputs: [audioClip('m4a', '-c:a alac')], recipe: TO_MP3 },
      right: { streams: 'audio', seconds: 4, beats: everySecond(4) },
    },
    refused('cinepak', 'Cinepak is refused by name', clip('avi', `-c:v cinepak ${PCM}`, 1), /cinepak/),
    refused('speex', 'Speex is refused by name', audioClip('spx', '-c:a libspeex -ar 16000'), /speex/),
  ],
}
