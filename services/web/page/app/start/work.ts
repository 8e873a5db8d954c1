import { batch, computed, effect, signal } from '@preact/signals'
import { ApiError } from '#client/core.ts'
import type { DryRunResult } from '#shared/contract/dry-run.ts'
import { createTask } from '../api/operations.ts'
import { apiError } from '../api/request.ts'
import { type Choices, DEFAULT_CHOICES, hasVideo } from '../edit/choices.ts'
import { type Opened, withKept } from '../edit/from-recipe.ts'
import { type TaskBody, taskBody } from '../edit/task-body.ts'
import { go } from '../route.ts'
import { joinedName, rememberName } from '../tasks/task-names.ts'
import { errorText } from '../ui/error-text.ts'
import type { Asset } from './asset.ts'
import {
  discard,
  fileItem,
  type Item,
  isSameMedia,
  lacksHeaders,
  rangeAfter,
  toSource,
  urlItem,
} from './item.ts'
import { setRate } from './media.ts'
import { reordered } from './order.ts'

/** What a person is working on. It outlives the views, so an expired session or a visit to the list loses nothing. */

export const items = signal<Item[]>([])
const currentId = signal<number | undefined>(undefined)
export const current = computed(() => items.value.find(({ id }) => id === currentId.value) ?? items.value[0])
export const choices = signal<Choices<Asset>>(DEFAULT_CHOICES)
/** Whether several sources become one video, or a task each. */
export const joins = signal(false)
/** What the editor cannot show of a recipe that was opened in it. It is sent as it is. */
export const kept = signal<Opened['kept']>({})
export const failure = signal<ApiError | undefined>(undefined)
/** Whether the tasks are created as soon as the uploads are complete. */
export const isWaiting = signal(false)

export const setCurrent = (item: Item): void => {
  currentId.value = item.id
}

export function addFiles(files: Iterable<File>): void {
  const added = [...files].map(fileItem)
  add(added)
}

export const addUrls = (urls: string[]): void => add(urls.map((url) => urlItem(url)))

function add(added: Item[]) {
  if (added.length === 0) return
  items.value = [...items.value, ...added]
  currentId.value ??= added[0]?.id
}

/** Adds another range of a source behind it. Ranges of one source are joined, unless the sources were to stay apart. */
export function addRange(item: Item): void {
  const range = rangeAfter(item)
  if (items.value.length === 1) joins.value = true
  items.value = items.value.flatMap((one) => (one === item ? [one, range] : [one]))
  currentId.value = range.id
}

/** Replaces what was being worked on with the recipe of a task. */
export function open(opened: Item[], { choices: chosen, kept: more }: Opened<Asset>): void {
  const before = items.value
  batch(() => {
    items.value = opened
    choices.value = chosen
    kept.value = more
    joins.value = opened.length > 1
    currentId.value = opened[0]?.id
    failure.value = undefined
    isWaiting.value = false
  })
  before.forEach(discard)
}

export function remove(item: Item): void {
  items.value = items.value.filter((one) => one !== item)
  if (!items.value.some((one) => isSameMedia(one, item))) discard(item)
  if (currentId.value === item.id) currentId.value = items.value[0]?.id
  if (items.value.length > 0) return
  isWaiting.value = false
  kept.value = {}
}

/** Moves a source in the order in which sources are joined. */
export function moveTo(item: Item, index: number): void {
  items.value = reordered(items.value, item, index)
}

/** The requests that are sent, each with the sources that it is about. */
export const planned = computed<{ body: TaskBody; items: Item[] }[]>(() => {
  const groups = joins.value ? [items.value] : items.value.map((item) => [item])
  return groups.map((group) => ({
    body: withKept(taskBody(group.map(toSource), choices.value, group[0]?.videoSize.value), kept.value),
    items: group,
  }))
})

/** The images and clips that the request names. */
const assets = computed(() => {
  const { watermark, intro, outro, split } = choices.value
  if (!hasVideo(choices.value)) return []
  const bumpers = [intro, outro].flatMap((bumper) =>
    bumper && 'asset' in bumper && !(bumper.kind === 'clip' && split !== undefined) ? [bumper.asset] : [],
  )
  return watermark ? [watermark.image, ...bumpers] : bumpers
})
const uploads = computed(() =>
  [...items.value, ...assets.value].flatMap(({ upload }) => (upload ? [upload] : [])),
)

export const areAssetsUploaded = computed(() =>
  assets.value.every(({ upload }) => upload.state.value === 'complete'),
)
export const isUploaded = computed(() => uploads.value.every(({ state }) => state.value === 'complete'))

/** Takes over what a dry run has found out about the sources. */
export function learn({ sources, problem }: Pick<DryRunResult, 'sources' | 'problem'>, about: Item[]): void {
  for (const [index, item] of about.entries()) {
    const info = sources?.[index]
    // Which of several links it is about, its text says.
    if (problem && item.url && !item.info.value) item.problem.value = errorText(problem)
    if (!info) continue
    item.info.value = info
    if (info.video && !item.isRateKnown.value) setRate(item, info.video.fps)
    item.duration.value ??= info.duration
    if (info.video) {
      const { display_width: width, display_height: height } = info.video
      item.videoSize.value ??= { width, height }
    }
  }
}

/** Creates the tasks, or waits with it for the uploads. What has yet to be entered comes first. */
export function submit(): void {
  const lacking = items.value.find(lacksHeaders)
  failure.value = lacking && new ApiError('headers_missing', lacking.name)
  isWaiting.value = !lacking
}

let isCreating = false
effect(() => {
  if (!isWaiting.value || items.value.length === 0) return
  const failed = uploads.value.find(({ state }) => state.value === 'failed')
  if (failed) {
    failure.value = failed.error.value
    isWaiting.value = false
  } else if (isUploaded.value && !isCreating) create(planned.value)
})

async function create(requests: typeof planned.value) {
  isCreating = true
  try {
    const tasks = []
    for (const { body, items: about } of requests) {
      const task = await createTask(body, keyOf(body))
      rememberName(task.id, joinedName(about.map(({ name }) => name)))
      tasks.push(task)
      if (!joins.value) about.forEach(remove)
    }
    items.value.forEach(discard)
    items.value = []
    kept.value = {}
    currentId.value = undefined
    const [task] = tasks
    go(tasks.length === 1 && task ? `/tasks/${task.id}` : '/tasks')
  } catch (thrown) {
    failure.value = apiError(thrown)
  } finally {
    isCreating = false
    isWaiting.value = false
  }
}

const keys = new Map<string, string>()

/** The same key for the same request: after a lost reply, a second try does not create a second task. */
function keyOf(body: TaskBody): string {
  const text = JSON.stringify(body)
  const key = keys.get(text) ?? crypto.randomUUID()
  keys.set(text, key)
  return key
}
