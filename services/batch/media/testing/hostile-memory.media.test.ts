import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { fileInput } from '../probe/media-input.ts'
import { content, SMALL_RECIPE } from './hostile-workspace.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from './media-workspace.ts'
import { headerBomb, indexBomb, textBomb } from './memory-bombs.ts'

const MB = 1024 ** 2
/** As little as a worker may give a job: bombs take four times as much and more. */
const BUDGET = 640 * MB

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace({}, { memoryBytes: BUDGET })
})
afterAll(() => workspace.clips.remove())

const bomb = async (extension: string, bytes: Buffer) => {
  const path = workspace.clips.fresh(extension)
  await content(bytes)(path)
  return path
}

/** Of this process, as the kernel lists them; every process where it has no such list. */
async function childProcesses(): Promise<string[]> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8').catch(() => undefined)
  if (children !== undefined) return children.split(' ').filter(Boolean)
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
}

/** Memory in use by all ffmpeg and ffprobe processes that this one has started, in bytes. */
async function memoryOfTools(): Promise<number> {
  const pids = await childProcesses()
  const sizes = pids.map(async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const isOurs = new RegExp(`^Name:\\tff(mpeg|probe)$[\\s\\S]*^PPid:\\t${process.pid}$`, 'm').test(status)
    return isOurs ? Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024 : 0
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** The most memory that tools had in use at a time while `work` ran, and what became of it. */
async function peakOf(work: Promise<unknown>) {
  let over = false
  const outcome = work.then(
    () => 'done',
    (error: { code?: string; retry?: boolean }) => (error.retry ? `retried ${error.code}` : error.code),
  )
  void outcome.then(() => {
    over = true
  })
  let peak = 0
  while (!over) {
    peak = Math.max(peak, await memoryOfTools())
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { peak, outcome: await outcome }
}

const isOnLinux = process.platform === 'linux'
const onLinux = isOnLinux ? test : test.skip

onLinux('an index of 85 million entries in 4.5 kB takes no more memory than a job may', async () => {
  const path = await bomb('mp4', indexBomb(85_000_000))
  const { peak, outcome } = await peakOf(workspace.render({ output: { format: 'mp3' } }, [path]))
  expect(peak).toBeLessThan(BUDGET)
  expect(outcome).not.toMatch('retried')
})

onLinux('many of them share what one job may take, as those of a dry run do', async () => {
  const path = await bomb('mp4', indexBomb(12_000_000))
  const sources = Array.from({ length: 6 }, () => fileInput(path))
  const recipe = Recipe.parse({ sources: sources.map(() => anUpload()), output: { format: 'mp3' } })
  const { signal } = new AbortController()
  const { peak, outcome } = await peakOf(
    workspace.engine.dryRun(recipe, { sources, images: {} }, { signal, divide: undefined }),
  )
  expect(peak).toBeGreaterThan(BUDGET / 4)
  expect(peak).toBeLessThan(BUDGET)
  expect(outcome).not.toMatch('retried')
})

onLinux('a compressed QuickTime header that inflates to 900 MB is refused or ignored within it', async () => {
  const path = await bomb('mov', await headerBomb(900 * MB))
  const { peak, outcome } = await peakOf(workspace.render({ output: { format: 'mp3' } }, [path]))
  expect(peak).toBeLessThan(BUDGET)
  expect(outcome).not.toMatch('retried')
})

onLinux('a PNG whose text inflates to 900 MB does, as a watermark', async () => {
  const image = await bomb('png', await textBomb(900 * MB))
  const recipe = { ...SMALL_RECIPE, watermark: { image: anUpload(0) } }
  const path = await workspace.clips.clip()
  const { peak, outcome } = await peakOf(workspace.render(recipe, [path], { uploads: [image] }))
  expect(peak).toBeLessThan(BUDGET)
  expect(outcome).not.toMatch('retried')
})

test('a clip of 720p is rendered within the least that a job can have', async () => {
  const path = await workspace.clips.clip({ size: '1280x720', options: ['-preset', 'ultrafast'] })
  const { outputs } = await workspace.render({ frame: { width: 1280, height: 720, upscale: true } }, [path])
  expect(outputs).toHaveLength(1)
})

onLinux('AV1 of 720p, which needs more, has the memory of as many slots as it takes', async () => {
  const path = await workspace.clips.clip({ size: '1280x720', options: ['-preset', 'ultrafast'] })
  const recipe = { output: { format: 'mp4', codec: 'av1', quality: 'draft' } } as const
  const taken: number[] = []
  const slots = { count: 4, take: async (count: number) => void taken.push(count) }
  const { outputs } = await workspace.render(recipe, [path], { slots })
  expect(outputs).toMatchObject([{ video_codec: 'av1' }])
  expect(taken).toEqual([2])
})
