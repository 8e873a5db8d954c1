import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import { type MediaRoom, openMediaRoom } from './fixtures.media.ts'

let room: MediaRoom
/** Two seconds that no encoder makes small. */
let noise: string
beforeAll(async () => {
  room = await openMediaRoom({ outputBytes: 100_000 })
  noise = room.clips.fresh('mkv')
  const picture = 'color=gray:size=160x90:rate=24:duration=2,noise=alls=100:allf=t'
  const sound = 'anoisesrc=sample_rate=48000:duration=2'
  await ffmpeg([
    '-f',
    'lavfi',
    '-i',
    picture,
    '-f',
    'lavfi',
    '-i',
    sound,
    '-c:v',
    'ffv1',
    '-c:a',
    'flac',
    noise,
  ])
})
afterAll(() => room.clips.remove())

describe('an output that would be larger than is allowed is beyond the limits', () => {
  test.each(['mp4', 'mkv', 'wav', 'ogg', 'mp3'] as const)('%s', async (format) => {
    const output = { format, ...(format === 'ogg' || format === 'mp3' ? { audio_bitrate: 320 } : {}) }
    const long = { trims: [{}, {}, {}] }
    await expect(room.make({ output, ...long }, [noise, noise, noise])).rejects.toMatchObject({
      code: 'media.limits',
      retry: false,
    })
  })

  test('a part of many', async () => {
    await expect(room.make({ split: { every: 1 } }, [noise])).rejects.toMatchObject({ code: 'media.limits' })
  })
})

const KB = 1024

/** A disk of so many bytes. */
function makeDisk(bytes: number): AsyncDisposable & { dir: string } {
  const dir = room.clips.fresh('disk')
  mkdirSync(dir)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'small', dir])
  return {
    dir,
    [Symbol.asyncDispose]: async () => {
      execFileSync('umount', [dir])
      await rm(dir, { recursive: true })
    },
  }
}

// Mounting is for root, and in a container not even for that. The try is in a namespace that ends with it.
const mounts = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'small', '/mnt']).status === 0

const onSmallDisk = mounts ? describe : describe.skip
onSmallDisk('scratch space that is too small is worth another try', () => {
  test('at once, when the outputs are expected to be larger', async () => {
    await using disk = makeDisk(100 * KB)
    const options = { outputDir: disk.dir }
    const make = openMediaRoom().then(async (plain) => {
      await plain.make({ output: { format: 'wav' } }, [noise], options).finally(() => plain.clips.remove())
    })
    await expect(make).rejects.toMatchObject({
      code: 'media.no_room',
      retry: true,
      message: 'The scratch space has 1 MB left, and the outputs need about 1 MB.',
    })
    expect(await readdir(options.outputDir)).toEqual([])
  })

  test.each(['mp4', 'mkv'] as const)('when it runs full in the middle: %s', async (format) => {
    await using disk = makeDisk(100 * KB)
    const plain = await openMediaRoom()
    const making = plain.make({ output: { format, crf: 4 } }, [noise], { outputDir: disk.dir })
    await expect(making.finally(() => plain.clips.remove())).rejects.toMatchObject({
      code: 'media.disk_full',
      retry: true,
      message: expect.stringContaining('ran full'),
    })
  })
})
