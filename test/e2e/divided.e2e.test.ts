import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { flashesAndBeeps, onsetsOf } from '#batch/media/testing/flashes-and-beeps.ts'
import { answerWith, startTestHost, type TestHost } from '#batch/sources/testing/source-host.ts'
import type { TaskDetails } from '#shared/contract/tasks.ts'
import { ffmpeg, ffprobeLines } from '../clips.ts'
import { type Client, openAccount } from './client.ts'
import { eventually } from './processes.ts'
import { type Stack, startStack } from './stack.ts'

/** Seconds of the film, and of the result with its bumpers. */
const FILM_S = 12
const RESULT_S = FILM_S + 1 + 0.6
const LOGO = fileURLToPath(new URL('../../services/batch/media/assets/logo.png', import.meta.url))
const CHUNKS = FILM_S / 2
const SLOTS = 2

/** So little work for a chunk that the shortest possible chunks come of it, of two seconds; and quick sweeps. */
const SETTINGS = {
  CHUNK_SECONDS: '0.001',
  BATCH_CONCURRENCY: String(SLOTS),
  SWEEP_SECONDS: '0.5',
  ORPHAN_GRACE_SECONDS: '3',
}

let dir: string
let clip: string
let host: TestHost
let stack: Stack
let ada: Client
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-e2e-'))
  clip = join(dir, 'clip.mp4')
  await ffmpeg([...flashesAndBeeps(FILM_S), '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', clip])
  host = await startHost(await readFile(clip))
  stack = await startStack(join(dir, 'data'), { SOURCE_ALLOW_HOSTS: host.hostPort, ...SETTINGS })
  ada = await openAccount(stack.url)
}, 60_000)
afterAll(async () => {
  await stack?.kill()
  await host?.close()
  await rm(dir, { recursive: true, force: true })
})

/** The film at /ranges.mp4, and at /whole.mp4 whatever range is asked for. */
const startHost = (data: Buffer) =>
  startTestHost((request, response) => {
    const headers = { 'content-type': 'video/mp4' }
    if (request.url === '/whole.mp4') response.writeHead(200, headers).end(data)
    else answerWith(data, request, response, headers)
  })

async function filmRecipe() {
  return {
    frame: { width: 96, height: 64 },
    bumper: { intro: { seconds: 1 }, outro: { seconds: 0.6 } },
    watermark: { image: { upload_id: await ada.upload(LOGO) }, margin: 2 },
    output: { format: 'mp4', quality: 'draft' },
    thumbnails: { sprite: { count: 8, columns: 4, width: 32 } },
  }
}

/** The states of a task from now to its end, as a client sees that polls it. */
async function follow(id: string): Promise<TaskDetails[]> {
  const seen: TaskDetails[] = []
  await ada.until(id, 'the film to be rendered', (task) => {
    seen.push(task)
    return task.status === 'succeeded'
  })
  return seen
}

const isSorted = (numbers: number[]) => numbers.every((value, i) => value >= (numbers[i - 1] ?? 0))

function expectStages(seen: TaskDetails[]) {
  const stages = seen.flatMap((task) => task.stages ?? [])
  expect(new Set(stages.map(({ chunks }) => chunks.total))).toEqual(new Set([CHUNKS]))
  expect(new Set(stages.map(({ chunks }) => chunks.done)).size).toBeGreaterThan(3)
  expect(isSorted(stages.map(({ chunks }) => chunks.done))).toBe(true)
  expect(stages.at(-1)).toEqual({
    chunks: { done: CHUNKS, running: 0, total: CHUNKS },
    audio: 'succeeded',
    stitch: 'succeeded',
  })
  const progress = seen.map((task) => task.progress)
  expect(isSorted(progress)).toBe(true)
  expect(new Set(progress).size).toBeGreaterThan(3)
}

/** Downloads the film and checks it: its frames, and that the beep falls on the flash in each of its seconds. */
async function expectFilm({ id, recipe, outputs }: TaskDetails) {
  expect(outputs.map(({ name }) => name)).toEqual(['output.mp4', 'sprite.jpg', 'sprite.vtt'])
  expect(outputs[0]).toMatchObject({ seconds: RESULT_S, width: 96, height: 64 })
  if (recipe.audio === 'normalize')
    expect(outputs[0]).toMatchObject({ loudness: { integrated: expect.closeTo(-16, 0) } })
  expect(outputs[1]).toMatchObject({ width: 4 * 32 })
  const path = join(dir, `${id}.mp4`)
  await writeFile(path, await ada.download(id, 'output.mp4'))
  expect(await ffprobeLines(path, 'stream=codec_type,nb_read_frames', 'v')).toEqual([
    `video,${RESULT_S * 25}`,
  ])
  const { flashes, beeps } = await onsetsOf(path)
  const seconds = Array.from({ length: FILM_S }, (_, i) => i + 1)
  expect(flashes).toEqual(seconds.map((second) => expect.closeTo(second, 2)))
  expect(beeps.map((at) => Math.round(at * 100) / 100)).toEqual(
    seconds.map((second) => expect.closeTo(second, 1.7)),
  )
}

/** The objects of a task in storage. */
async function objectsOf(taskId: string): Promise<string[]> {
  const path = join(dir, 'data/files/objects/tasks', taskId)
  const names = await readdir(path, { recursive: true }).catch(() => [])
  return names.filter((name) => name.endsWith('@')).map((name) => name.slice(0, -1))
}

test('a film is divided among jobs, whether it is sent in a form, or read from a host with ranges or without', async () => {
  const shared = await filmRecipe()
  const tasks = [
    await ada.createFromFile(clip, { ...shared, audio: 'normalize' }),
    await ada.create({ recipe: shared, url: `${host.origin}/ranges.mp4` }),
    await ada.create({ recipe: shared, url: `${host.origin}/whole.mp4` }),
  ]
  const followed = tasks.map(({ id }) => follow(id))
  const [, , whole] = tasks
  await ada.until(whole?.id ?? '', 'the last film to be divided', ({ stages }) => stages !== null)
  const requests = () => host.requests.filter(({ url }) => url === '/whole.mp4').length
  const atDivision = requests()
  const all = await Promise.all(followed)
  for (const seen of all) expectStages(seen)
  for (const seen of all) await expectFilm(seen.at(-1) as TaskDetails)
  // It was stored when it was divided; else each of its jobs would have fetched it whole.
  expect(requests()).toBe(atDivision)
  for (const listed of await ada.list()) expect(listed).not.toHaveProperty('stages')
  for (const { id } of tasks) {
    await eventually('only the outputs to be left in storage', 10_000, async () => {
      const names = (await objectsOf(id)).map((key) => key.split('/').at(-1))
      return names.toSorted().join() === 'output.mp4,sprite.jpg,sprite.vtt'
    })
  }
}, 120_000)

test("a film delays another user's task by no more than the chunks that are running, and can be aborted", async () => {
  const bob = await openAccount(stack.url, 'bob')
  const upload_id = await bob.upload(clip)
  const film = await ada.createFromFile(clip, await filmRecipe())
  await ada.until(film.id, 'two chunks to be done', ({ stages }) => (stages?.chunks.done ?? 0) >= 2)
  const { id } = await bob.create({ upload_id, preset: 'mp3' })
  const before = startsOf(film.id)
  const waited = await bob.until(id, 'the short task to start', ({ status }) => status !== 'queued')
  expect(waited.status).toMatch(/running|succeeded/)
  // The claims of both workers may have been on their way when the task was created.
  expect(startsOf(film.id) - before).toBeLessThanOrEqual(SLOTS)

  expect((await ada.abort(film.id)).status).toBe('aborted')
  await bob.until(id, 'the short task to be rendered', ({ status }) => status === 'succeeded')
  await eventually('its objects to be removed', 20_000, async () => (await objectsOf(film.id)).length === 0)
}, 120_000)

/** How many jobs of a task have been started. */
const startsOf = (taskId: string) =>
  stack
    .output()
    .split('\n')
    .filter((line) => line.includes('job started') && line.includes(taskId)).length
