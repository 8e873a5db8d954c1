/**
 * Renders docs/images/render.svg, the image at the top of README.md, from a real run: generates a portrait clip,
 * sends it with a recipe to a running stack, and draws frames of the source and of the result.
 *
 *     npm start                                          # in another terminal; PORT=… for both if not 8080
 *     node scripts/setup.mjs scripts/readme-image.ts
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Token } from '#shared/contract/auth.ts'
import { Task } from '#shared/contract/tasks.ts'
import { Upload } from '#shared/contract/uploads.ts'

const run = promisify(execFile)
const api = (process.env.PUBLIC_URL || `http://localhost:${process.env.PORT || '8080'}`).replace(/\/$/, '')
const image = join(import.meta.dirname, '../docs/images/render.svg')

/** Seconds of the source, and how many of them the recipe keeps. */
const SOURCE_SECONDS = 30
const KEPT_SECONDS = 18
const recipe = {
  frame: { width: 640, height: 360, background: 'blur' },
  bumper: { intro: { seconds: 1 }, outro: { seconds: 1 } },
}

type Shot = { at: number; jpeg: string; dimmed: boolean }

const dir = await mkdtemp(join(tmpdir(), 'cutroom-image-'))
try {
  const clip = await generateClip(join(dir, 'clip.mp4'))
  const output = await render(clip, join(dir, 'output.mp4'))
  const source = await shotsOf(clip, [0, 3, 6, 9, 12, 15, 18, 21, 24, 27], '130:-2')
  const result = await shotsOf(output, [0.5, 3, 6, 10, 13.5, 17, 19.5], '222:-2')
  await writeFile(image, draw(source, result))
  console.log(`wrote ${image}`)
} finally {
  await rm(dir, { recursive: true })
}

/** A zoom into the Mandelbrot set, in portrait, with a tone: half a minute of CPU. */
async function generateClip(path: string): Promise<string> {
  const frames = SOURCE_SECONDS * 24
  const zoom = `mandelbrot=s=540x960:rate=24:end_pts=${frames}:end_scale=0.002:maxiter=1200`
  const inputs = ['-f', 'lavfi', '-i', `${zoom},hue=h=150:s=0.55`, '-f', 'lavfi', '-i', 'sine=frequency=220']
  const encoding = ['-t', String(SOURCE_SECONDS), '-pix_fmt', 'yuv420p', '-preset', 'veryfast']
  await run('ffmpeg', ['-nostdin', '-v', 'error', ...inputs, ...encoding, path])
  return path
}

/** Sends the clip through the API and downloads the result to `file`. */
async function render(clip: string, file: string): Promise<string> {
  const username = `image-${randomUUID().slice(0, 8)}`
  const account = { email: `${username}@example.org`, password: randomUUID() }
  await call('/auth/signup', { username, ...account, password_2: account.password })
  const { token } = Token.parse(await (await call('/auth/login', account)).json())
  const upload = Upload.parse(await (await call('/uploads', { filename: 'clip.mp4' }, token)).json())
  const body = await openAsBlob(clip)
  await requireOk(await fetch(upload.url, { method: 'PUT', headers: upload.headers, body }), 'PUT the clip')
  const source = { upload_id: upload.upload_id, trim: { duration: KEPT_SECONDS } }
  const created = await call('/tasks', { recipe: { sources: [source], ...recipe } }, token)
  const task = await finished(Task.parse(await created.json()).id, token)
  const [output] = task.outputs
  if (!output) throw new Error(`The task ${task.status}: ${JSON.stringify(task.error)}`)
  const reply = await requireOk(await fetch(output.url, { headers: bearer(token) }), 'GET the output')
  await writeFile(file, Buffer.from(await reply.arrayBuffer()))
  return file
}

async function finished(id: string, token: string): Promise<Task> {
  for (;;) {
    const reply = await requireOk(
      await fetch(`${api}/tasks/${id}`, { headers: bearer(token) }),
      'GET the task',
    )
    const task = Task.parse(await reply.json())
    if (task.finished_at !== null) return task
    await sleep(200)
  }
}

/** Frames of a file at these seconds, as JPEG in base64. */
async function shotsOf(file: string, times: number[], scale: string): Promise<Shot[]> {
  return Promise.all(
    times.map(async (at, index) => {
      const jpeg = join(dir, `${scale.slice(0, 3)}-${index}.jpg`)
      const frame = ['-frames:v', '1', '-vf', `scale=${scale}:flags=area`, '-q:v', '7', jpeg]
      await run('ffmpeg', ['-nostdin', '-v', 'error', '-ss', String(at), '-i', file, ...frame])
      return {
        at,
        jpeg: (await readFile(jpeg)).toString('base64'),
        dimmed: scale === '130:-2' && at >= KEPT_SECONDS,
      }
    }),
  )
}

/** The image: source frames, the recipe, result frames. */
function draw(source: Shot[], result: Shot[]): string {
  const kept = source.filter(({ dimmed }) => !dimmed).length
  const bracketEnd = 46 + kept * 112 - 12
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 610" width="1200" height="610" role="img">
<title>A 30-second portrait clip, a recipe, and the 20-second landscape result with a logo before and after</title>
<style>
  text { font: 17px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #c9d1d9 }
  .dim { fill: #8b949e } .small { font-size: 14px; fill: #8b949e } .key { fill: #79c0ff } .value { fill: #a5d6ff }
</style>
<rect width="1200" height="610" rx="14" fill="#0d1117"/>
<text x="46" y="46">clip.mp4 <tspan class="dim">540×960 · ${SOURCE_SECONDS} s · H.264 + AAC</tspan></text>
${strip(source, { y: 64, width: 100, height: 178, gap: 12 })}
<path d="M46 250 v8 H${bracketEnd} v-8" fill="none" stroke="#3fb950" stroke-width="2"/>
<text class="small" x="46" y="280">kept: the first ${KEPT_SECONDS} s</text>
<text x="46" y="328"><tspan class="dim">POST /tasks</tspan> { <tspan class="key">"recipe"</tspan>: { <tspan class="key">"sources"</tspan>: [{ <tspan class="key">"upload_id"</tspan>: <tspan class="value">"…"</tspan>, <tspan class="key">"trim"</tspan>: { <tspan class="key">"duration"</tspan>: <tspan class="value">${KEPT_SECONDS}</tspan> } }],</text>
<text x="186" y="354"><tspan class="key">"frame"</tspan>: { <tspan class="key">"width"</tspan>: <tspan class="value">640</tspan>, <tspan class="key">"height"</tspan>: <tspan class="value">360</tspan>, <tspan class="key">"background"</tspan>: <tspan class="value">"blur"</tspan> },</text>
<text x="186" y="380"><tspan class="key">"bumper"</tspan>: { <tspan class="key">"intro"</tspan>: { <tspan class="key">"seconds"</tspan>: <tspan class="value">1</tspan> }, <tspan class="key">"outro"</tspan>: { <tspan class="key">"seconds"</tspan>: <tspan class="value">1</tspan> } } } }</text>
<text x="46" y="440">output.mp4 <tspan class="dim">640×360 · 20 s · H.264 + AAC</tspan></text>
${strip(result, { y: 458, width: 148, height: 83, gap: 12 })}
${result.map(({ at }, index) => `<text class="small" x="${46 + index * 160}" y="566">${at} s</text>`).join('\n')}
</svg>
`
}

function strip(shots: Shot[], { y, width, height, gap }: Record<'y' | 'width' | 'height' | 'gap', number>) {
  return shots
    .map(({ jpeg, dimmed }, index) => {
      const x = 46 + index * (width + gap)
      const opacity = dimmed ? ' opacity="0.25"' : ''
      return `<image x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="none"${opacity} href="data:image/jpeg;base64,${jpeg}"/>`
    })
    .join('\n')
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` }
}

async function call(path: string, body: object, token?: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(token && bearer(token)) }
  return requireOk(
    await fetch(`${api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    `POST ${path}`,
  )
}

async function requireOk(reply: Response, action: string): Promise<Response> {
  if (reply.ok) return reply
  throw new Error(`${action} was answered ${reply.status}: ${await reply.text()}`)
}
