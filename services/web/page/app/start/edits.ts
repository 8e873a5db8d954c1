import { batch, computed, effect, signal } from '@preact/signals'
import { type Choices, DEFAULT_CHOICES, PRESET_CHOICES } from '../edit/choices.ts'
import { atRate, type Selection } from '../edit/frames.ts'
import { emptyHistory, type History, recorded, redone, undone } from '../edit/history.ts'
import { type Asset, releaseAssets } from './asset.ts'
import type { Item } from './item.ts'
import { choices, items, joins } from './work.ts'

/** Everything that undo brings back. Adding and removing sources is not part of it: their uploads begin and end with that. */
type Edit = {
  order: readonly Item[]
  selections: ReadonlyMap<Item, { selection: Selection | undefined; fps: number }>
  choices: Choices<Asset>
  joins: boolean
}

const history = signal<History<Edit>>(emptyHistory)
/** The last change, so that what comes in many small steps, such as typing, is one step to undo. */
let last: { kind: string; at: number } | undefined

export const canUndo = computed(() => history.value.past.length > 0)
export const canRedo = computed(() => history.value.future.length > 0)

/** Changes of one kind within this time are one. */
const COALESCED_MS = 1_000

/** Makes a change that can be undone. `kind` names changes that are one when they follow each other quickly. */
export function change(make: () => void, kind?: string): void {
  const before = currentEdit()
  batch(make)
  if (isSame(before, currentEdit())) return
  const now = Date.now()
  const continues = kind !== undefined && last?.kind === kind && now - last.at < COALESCED_MS
  last = kind === undefined ? undefined : { kind, at: now }
  if (!continues) history.value = recorded(history.value, before)
}

/** A change in many steps, such as a drag: call the result once for each. All of them are one step to undo. */
export function changeGradually(): (make: () => void) => void {
  const before = currentEdit()
  let isRecorded = false
  return (make) => {
    batch(make)
    if (isRecorded || isSame(before, currentEdit())) return
    isRecorded = true
    last = undefined
    history.value = recorded(history.value, before)
  }
}

/** Selects frames of a source; undefined for all of it. */
export const select = (item: Item, selection: Selection | undefined): void =>
  change(() => (item.selection.value = selection))

/** Chooses something for the result, which is then no longer that of a preset. */
export const choose = (more: Partial<Choices<Asset>>, kind?: string): void =>
  change(() => chooseIn(more), kind)

/** The same as a part of another change. */
export const chooseIn = (more: Partial<Choices<Asset>>): void => {
  choices.value = { ...choices.value, ...more, kind: 'clip' }
}

/** Fills in everything that a preset stands for. A clip of one's own goes on from there. */
export const choosePreset = (kind: Choices['kind']): void =>
  change(() => {
    const isReset = choices.value.kind !== 'clip'
    choices.value = kind === 'clip' ? (isReset ? DEFAULT_CHOICES : choices.value) : PRESET_CHOICES[kind]
  })

export const undo = (): void => step(undone)
export const redo = (): void => step(redone)

/** Steps that no longer differ, since what they were about has been removed, are passed over. */
function step(take: typeof undone): void {
  last = undefined
  for (;;) {
    const before = currentEdit()
    const taken = take(history.value, before)
    if (!taken) return
    history.value = taken.history
    restore(taken.state)
    if (!isSame(before, currentEdit())) return
  }
}

const currentEdit = (): Edit => ({
  order: items.peek(),
  selections: new Map(
    items.peek().map((item) => [item, { selection: item.selection.peek(), fps: item.fps.peek() }]),
  ),
  choices: choices.peek(),
  joins: joins.peek(),
})

function restore(edit: Edit): void {
  batch(() => {
    const present = items.value
    const kept = edit.order.filter((item) => present.includes(item))
    items.value = [...kept, ...present.filter((item) => !kept.includes(item))]
    for (const item of kept) {
      const { selection, fps } = edit.selections.get(item) ?? { selection: undefined, fps: item.fps.value }
      item.selection.value =
        selection && fps !== item.fps.value ? atRate(selection, fps, item.fps.value) : selection
    }
    choices.value = edit.choices
    joins.value = edit.joins
  })
}

const isSame = (a: Edit, b: Edit): boolean =>
  a.joins === b.joins &&
  isEqual(a.choices, b.choices) &&
  isEqual(
    a.order.map(({ id }) => id),
    b.order.map(({ id }) => id),
  ) &&
  a.order.every((item) => isEqual(a.selections.get(item)?.selection, b.selections.get(item)?.selection))

const isEqual = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

// New work, none of whose sources were there before, begins without a past: nothing brings back what is not chosen now.
let known: readonly Item[] = []
effect(() => {
  const present = items.value
  if (!present.some((item) => known.includes(item))) {
    history.value = emptyHistory
    last = undefined
    const { watermark, intro, outro } = choices.peek()
    releaseAssets([
      watermark?.image,
      ...[intro, outro].map((end) => (end && 'asset' in end ? end.asset : undefined)),
    ])
  }
  known = present
})
