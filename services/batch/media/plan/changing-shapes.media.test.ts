import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { renderDivided } from '../chunks/testing/render-divided.ts'
import { type MediaWorkspace, openMediaWorkspace } from '../testing/media-workspace.ts'

const run = promisify(execFile)

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const output = { format: 'mp4', crf: 4 } as const
const MPEG2 = ['-c:v', 'mpeg2video', '-q:v', '1', '-g', '12']
const INTERLACED = [...MPEG2, '-flags', '+ilme+ildct', '-top', '1']
const H264 = ['-c:v', 'libx264', '-qp', '4', '-g', '25', '-preset', 'veryfast']

type Part = { aspect: string; size?: string; options?: string[] }
const NARROW: Part = { aspect: '4:3' }
const WIDE: Part = { aspect: '16:9' }

/**
 * Transport streams of 4 s joined byte by byte: 120x96 pixels with a white box over a third of both sides, each darker around it than
 * the one before. `restarts`: timestamps start anew.
 */
async function joined(parts: Part[], restarts = false): Promise<string> {
  const files = parts.map(({ aspect, options = MPEG2, size = '120x96' }, i) => {
    const box = 'drawbox=x=iw/3:y=ih/3:w=iw/3:h=ih/3:color=white:t=fill'
    return workspace.clips.generated('ts', [
      ...['-f', 'lavfi', '-i', `color=gray@1:s=${size}:r=25:d=4,eq=brightness=-0.${i}5,${box}`],
      ...[
        '-f',
        'lavfi',
        '-i',
        'sine=d=4',
        '-pix_fmt',
        'yuv420p',
        ...options,
        '-aspect',
        aspect,
        '-c:a',
        'mp2',
      ],
      ...['-muxdelay', '0', '-muxpreload', '0', '-output_ts_offset', String(restarts ? 0 : 4.1 * i)],
    ])
  })
  const path = workspace.clips.fresh('ts')
  await writeFile(path, Buffer.concat(await Promise.all(files.map(async (file) => readFile(await file)))))
  return path
}

/** What a frame shows: how bright it is beside its white box, and the size of that. */
type Shown = { brightness: number; width: number; height: number }

async function shownIn(file: Frames | undefined): Promise<Shown[]> {
  const { path = '', width, height } = { ...file, width: file?.width ?? 0, height: file?.height ?? 0 }
  const args = ['-nostdin', '-v', 'error', '-i', path, '-pix_fmt', 'gray', '-f', 'rawvideo', '-']
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 2 ** 27 })
  const pixels = width * height
  return Array.from({ length: stdout.length / pixels }, (_, i) => {
    const frame = stdout.subarray(i * pixels, (i + 1) * pixels)
    const white = [...frame.keys()].filter((at) => (frame[at] ?? 0) > 190)
    const columns = new Set(white.map((at) => at % width))
    const rows = new Set(white.map((at) => Math.floor(at / width)))
    const beside = Math.floor(height / 2) * width + Math.min(...columns) - 5
    return { brightness: frame[beside] ?? 0, width: columns.size, height: rows.size }
  })
}

type Frames = { path?: string; width?: number | null; height?: number | null }

/** The sizes of the box, in order. What belongs to one part has the brightness of that part, too. */
function sizesOf(frames: Shown[]): [width: number, height: number][] {
  // Scaling blurs edges.
  const isSame = (one: Shown, other: Shown) =>
    Math.abs(one.brightness - other.brightness) < 8 &&
    Math.abs(one.width - other.width) < 3 &&
    Math.abs(one.height - other.height) < 3
  const firsts = frames.filter((frame, i) => i === 0 || !isSame(frame, frames[i - 1] as Shown))
  return firsts.map(({ width, height }) => [width, height])
}

const near = (sizes: number[][]) => sizes.map((size) => size.map((side) => expect.closeTo(side, -0.7)))

describe('each shape of a video is fitted into the frame', () => {
  const both = [NARROW, WIDE]
  const across = { trims: [{ start: 3, duration: 2 }] }
  const frame = (more: object) => ({ frame: { width: 128, height: 96, ...more } })
  test.each([
    [
      '4:3 becomes 16:9',
      both,
      {},
      '128x96',
      [
        [43, 32],
        [43, 24],
      ],
    ],
    [
      '16:9 becomes 4:3',
      [WIDE, NARROW],
      across,
      '170x96',
      [
        [57, 32],
        [43, 32],
      ],
    ],
    [
      'there and back',
      [NARROW, WIDE, NARROW],
      { trims: [{ start: 3, duration: 6 }] },
      '128x96',
      [
        [43, 32],
        [43, 24],
        [43, 32],
      ],
    ],
    [
      'in H.264',
      both.map((part) => ({ ...part, options: H264 })),
      across,
      '128x96',
      [
        [43, 32],
        [43, 24],
      ],
    ],
    [
      'interlaced',
      both.map((part) => ({ ...part, options: INTERLACED })),
      across,
      '128x96',
      [
        [43, 32],
        [43, 24],
      ],
    ],
    [
      'cropped',
      both,
      { ...across, ...frame({ fit: 'crop' }) },
      '128x96',
      [
        [43, 32],
        [57, 32],
      ],
    ],
    [
      'before a blur',
      both,
      { ...across, ...frame({ background: 'blur' }) },
      '128x96',
      [
        [43, 32],
        [43, 24],
      ],
    ],
    [
      'of another size',
      [NARROW, { aspect: '16:9', size: '160x90' }],
      across,
      '128x96',
      [
        [43, 32],
        [43, 24],
      ],
    ],
    ['behind the change', both, { trims: [{ start: 5, duration: 1 }] }, '128x96', [[43, 24]]],
  ])('%s', async (_, parts, recipe, size, sizes) => {
    const { outputs, sources } = await workspace.render({ output, ...recipe }, [await joined(parts)])
    expect(`${outputs[0]?.width}x${outputs[0]?.height}`).toBe(size)
    expect(sizesOf(await shownIn(outputs[0]))).toEqual(near(sizes))
    expect(sources[0]?.warnings).toContainEqual(expect.objectContaining({ code: 'parameters_change' }))
  })

  test('where timestamps start anew', async () => {
    const { outputs } = await workspace.render({ output, ...across }, [await joined(both, true)])
    expect(sizesOf(await shownIn(outputs[0]))).toEqual(
      near([
        [43, 32],
        [43, 24],
      ]),
    )
  })

  test('in chunks', async () => {
    const { outputs, chunks } = await renderDivided(workspace, { output }, [await joined(both)])
    expect(chunks).toBeGreaterThan(1)
    expect(sizesOf(await shownIn(outputs[0]))).toEqual(
      near([
        [43, 32],
        [43, 24],
      ]),
    )
  })
})
