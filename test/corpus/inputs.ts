import type { Input, Scene } from './types.ts'

/** The numbers of the frames of a test clip are shown by two bars of brightness, in base 20. */
export const LEVELS = 20
export const DARKEST = 16
export const STEP = 11
const RATE = 30

/** Frames `first`, `first + 1`, … are shown in order. `rate`: how many of the source's frames there are a second. */
export const plays = (start: number, end: number, first: number, rate = RATE): Scene => ({
  start,
  end,
  first,
  rate,
})

/** One frame stands still. */
export const stands = (start: number, end: number, frame: number): Scene => ({
  start,
  end,
  first: frame,
  rate: 0,
})

/** Every whole second from `first` on, while before `end`. */
export const everySecond = (end: number, first = 0): number[] =>
  Array.from({ length: Math.ceil(end - first) }, (_, i) => first + i)

/**
 * A lavfi graph of 320x180: two bars that count the frames, a moving pattern, and a bar that flashes for a tenth of
 * every second. geq writes values of the limited range, which every decoder keeps.
 */
export function clock(seconds: number, rate: number | string = RATE): string {
  const bar = (luma: string) =>
    `color=black:s=16x16:r=${rate}:d=${seconds},format=yuv420p,geq=lum='${luma}':cb=128:cr=128,scale=64:180:flags=neighbor,setsar=1`
  const level = (digit: string) => `${DARKEST}+${STEP}*mod(${digit},${LEVELS})`
  return [
    `${bar(level('N'))}[units]`,
    `${bar(level(`floor(N/${LEVELS})`))}[twenties]`,
    `testsrc2=s=128x180:r=${rate}:d=${seconds},format=yuv420p[pattern]`,
    `${bar('if(lt(mod(T+0.001,1),0.1),235,16)')}[flash]`,
    '[units][twenties][pattern][flash]hstack=inputs=4',
  ].join(';')
}

/** A lavfi source that beeps for a tenth of every second, in step with the flashes. */
export const beeps = (seconds: number, rate = 48_000): string =>
  `aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=${rate}:d=${seconds}`

/** Arguments that open lavfi graphs. */
export const lavfi = (...graphs: string[]): string[] =>
  graphs.flatMap((graph) => ['-f', 'lavfi', '-i', graph])

const words = (options: string) => options.split(' ').filter((word) => word !== '')

/** What ffmpeg writes with these output options from lavfi graphs. */
export const encoded = (extension: string, graphs: string[], options = ''): Input => ({
  extension,
  args: [...lavfi(...graphs), ...words(options)],
})

/** H.264 as nearly everything has it, encoded fast. */
export const H264 = '-c:v libx264 -preset veryfast -pix_fmt yuv420p'

/** The test clip with frame counter, flashes and beeps. */
export const clip = (extension: string, options = H264, seconds = 4, rate: number | string = RATE): Input =>
  encoded(extension, [clock(seconds, rate), beeps(seconds)], options)

/** The test clip without audio. */
export const silentClip = (extension: string, options = H264, seconds = 4): Input =>
  encoded(extension, [clock(seconds)], options)

/** The test clip's audio alone. */
export const audioClip = (extension: string, options = '', seconds = 4): Input =>
  encoded(extension, [beeps(seconds)], options)

/** What ffmpeg writes when it reads other inputs. `options` go before `-i` and after the last input. */
export const remuxed = (extension: string, inputs: Input[], options: string, before = ''): Input => ({
  extension,
  args: [...inputs.flatMap((input) => [...words(before), '-i', input]), ...words(options)],
})

/** Files one after the other, as `cat` joins them. */
export const concatenated = (extension: string, ...from: Input[]): Input => ({
  extension,
  from,
  edit: (...files) => Buffer.concat(files),
})

/** A file whose bytes were changed. */
export const edited = (from: Input, edit: (bytes: Buffer) => Buffer, extension = from.extension): Input => ({
  extension,
  from: [from],
  edit: (bytes = Buffer.alloc(0)) => edit(Buffer.from(bytes)),
})

/** The same number of bytes in place of every occurrence of a text. */
export const replacing =
  (text: string, by: string) =>
  (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString('latin1').replaceAll(text, by), 'latin1')
