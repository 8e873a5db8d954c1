import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Output, Recipe } from '#shared/contract/recipe.ts'
import { answerWith, startTestHost } from '../../sources/testing/source-host.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from '../testing/media-workspace.ts'

const anOutput = (more: object) => Output.parse(more)

let workspace: MediaWorkspace
/** Two seconds that no encoder makes small. */
let noise: string
beforeAll(async () => {
  workspace = await openMediaWorkspace({ outputBytes: 100_000 })
  noise = await noiseOf(2)
})
afterAll(() => workspace.clips.remove())

function noiseOf(seconds: number) {
  const video = `color=gray:size=160x90:rate=24:duration=${seconds},noise=alls=100:allf=t`
  const audio = `anoisesrc=sample_rate=48000:duration=${seconds}`
  const inputs = ['-f', 'lavfi', '-i', video, '-f', 'lavfi', '-i', audio]
  return workspace.clips.generated('mkv', [...inputs, '-c:v', 'ffv1', '-c:a', 'flac'])
}

describe('an output that would be larger than is allowed is beyond the limits', () => {
  test.each(['mp4', 'mkv', 'wav', 'ogg', 'mp3'] as const)('%s', async (format) => {
    const output = { format, ...(format === 'ogg' || format === 'mp3' ? { audio_bitrate: 320 } : {}) }
    const long = { trims: [{}, {}, {}] }
    await expect(workspace.render({ output, ...long }, [noise, noise, noise])).rejects.toMatchObject({
      code: 'media.limits',
      retry: false,
    })
  })

  test('a part of many', async () => {
    await expect(workspace.render({ split: { every: 1 } }, [noise])).rejects.toMatchObject({
      code: 'media.limits',
    })
  })
})

/** A host that gives a file; after `stall` it keeps the second half to itself, for ever. */
async function stallingHost(path: string) {
  const data = await readFile(path)
  let stalls = false
  const host = await startTestHost((request, response) => {
    if (!stalls) return answerWith(data, request, response)
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = `bytes ${start}-${data.length - 1}/${data.length}`
    response.writeHead(206, { 'content-range': range, 'content-length': data.length - start })
    response.write(data.subarray(start, Math.max(start, data.length / 2)))
  })
  const input = { url: `${host.origin}/film`, inputOptions: ['-protocol_whitelist', 'http,tcp'] }
  const stall = () => {
    stalls = true
  }
  return { input, stall, [Symbol.asyncDispose]: host.close }
}

describe('work that takes more scratch space than a job may have is beyond the limits', () => {
  const tooMuch = { code: 'media.limits', retry: false, message: expect.stringContaining('scratch space') }
  const recipes: [string, Partial<Recipe>][] = [
    ['parts, each of them small', { split: { every: 1 } }],
    ['outputs, each of them small', { outputs: [anOutput({ name: 'a' }), anOutput({ name: 'b' })] }],
  ]

  test.each(recipes)('and is ended in the middle: %s', async (_, wanted) => {
    const small = await openMediaWorkspace({ scratchBytes: 150_000 })
    await using host = await stallingHost(await noiseOf(8))
    const recipe = Recipe.parse({ sources: [anUpload()], ...wanted })
    const rendering = small.engine.render(
      recipe,
      { sources: [host.input], images: {} },
      // Without the quota watch the run would wait for its source until its deadline.
      { outputDir: await small.newDir(), signal: new AbortController().signal, onPlan: host.stall },
    )
    await expect(rendering.finally(() => small.clips.remove())).rejects.toMatchObject(tooMuch)
  })

  test.each(recipes)('and does not count, however quick it was: %s', async (_, wanted) => {
    const small = await openMediaWorkspace({ scratchBytes: 150_000 })
    await expect(small.render(wanted, [noise]).finally(() => small.clips.remove())).rejects.toMatchObject(
      tooMuch,
    )
  })

  test('with what lies there already, such as sources that had to be copied', async () => {
    const small = await openMediaWorkspace({ scratchBytes: 1_000_000 })
    const scratchDir = await small.newDir()
    const outputDir = join(scratchDir, 'out')
    mkdirSync(outputDir)
    await small.render({}, [noise], { outputDir, scratchDir })
    await writeFile(join(scratchDir, 'source'), Buffer.alloc(950_000))
    const rendering = small.render({}, [noise], { outputDir, scratchDir })
    await expect(rendering.finally(() => small.clips.remove())).rejects.toMatchObject(tooMuch)
  })
})

const KB = 1024

/** A disk of so many bytes. */
function makeDisk(bytes: number): AsyncDisposable & { dir: string } {
  const dir = workspace.clips.fresh('disk')
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
    const make = openMediaWorkspace().then(async (plain) => {
      await plain.render({ output: { format: 'wav' } }, [noise], options).finally(() => plain.clips.remove())
    })
    await expect(make).rejects.toMatchObject({
      code: 'media.no_free_space',
      retry: true,
      message: 'The scratch space has 1 MB left, and the outputs need about 1 MB.',
    })
    expect(await readdir(options.outputDir)).toEqual([])
  })

  test.each([{ crf: 4 }, { bitrate: 20_000 }])(
    'at once, when the quality asks for more: %j',
    async (quality) => {
      await using disk = makeDisk(100 * KB)
      const plain = await openMediaWorkspace()
      const rendering = plain.render({ output: quality }, [noise], { outputDir: disk.dir })
      await expect(rendering.finally(() => plain.clips.remove())).rejects.toMatchObject({
        code: 'media.no_free_space',
        retry: true,
      })
      expect(await readdir(disk.dir)).toEqual([])
    },
  )

  test.each(['mp4', 'mkv'] as const)('when it runs full in the middle: %s', async (format) => {
    await using disk = makeDisk(100 * KB)
    const plain = await openMediaWorkspace()
    // Noise compresses far worse than usual video.
    const rendering = plain.render({ output: { format, quality: 'standard' } }, [noise], {
      outputDir: disk.dir,
    })
    await expect(rendering.finally(() => plain.clips.remove())).rejects.toMatchObject({
      code: 'media.disk_full',
      retry: true,
      message: expect.stringContaining('disk is full'),
    })
  })
})
