import type { Text } from '../i18n/en.ts'

/** What a key does in the editor. */
export type Action =
  | 'play'
  | 'back'
  | 'stop'
  | 'forward'
  | 'frameBack'
  | 'frameForward'
  | 'secondBack'
  | 'secondForward'
  | 'toIn'
  | 'toOut'
  | 'setIn'
  | 'setOut'
  | 'playSelection'
  | 'undo'
  | 'help'

export type Shortcut = { keys: string[]; label: string[]; action: Action; text: Text }

/** The handlers and the list under `?` both come from this table. */
export const SHORTCUTS: Shortcut[] = [
  { keys: [' '], label: ['Space'], action: 'play', text: 'keys.play' },
  { keys: ['i'], label: ['I'], action: 'setIn', text: 'keys.setIn' },
  { keys: ['o'], label: ['O'], action: 'setOut', text: 'keys.setOut' },
  { keys: ['j'], label: ['J'], action: 'back', text: 'keys.back' },
  { keys: ['k'], label: ['K'], action: 'stop', text: 'keys.stop' },
  { keys: ['l'], label: ['L'], action: 'forward', text: 'keys.forward' },
  { keys: [','], label: [','], action: 'frameBack', text: 'keys.frameBack' },
  { keys: ['.'], label: ['.'], action: 'frameForward', text: 'keys.frameForward' },
  { keys: ['ArrowLeft'], label: ['←'], action: 'secondBack', text: 'keys.secondBack' },
  { keys: ['ArrowRight'], label: ['→'], action: 'secondForward', text: 'keys.secondForward' },
  { keys: ['Home'], label: ['Home'], action: 'toIn', text: 'keys.toIn' },
  { keys: ['End'], label: ['End'], action: 'toOut', text: 'keys.toOut' },
  { keys: ['p'], label: ['P'], action: 'playSelection', text: 'keys.playSelection' },
  { keys: ['z'], label: ['Z'], action: 'undo', text: 'keys.undo' },
  { keys: ['?'], label: ['?'], action: 'help', text: 'keys.help' },
]

type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>

/** The action of a key. Combinations belong to the browser, but for Ctrl+Z and ⌘Z. */
export function actionOf({ key, ctrlKey, metaKey, altKey }: KeyPress): Action | undefined {
  const pressed = key.length === 1 ? key.toLowerCase() : key
  if (altKey) return undefined
  if (ctrlKey || metaKey) return pressed === 'z' ? 'undo' : undefined
  return SHORTCUTS.find(({ keys }) => keys.includes(pressed))?.action
}

/** J and L go faster with each repeat, and slower again in the other direction; 0 is a pause. */
export function nextSpeed(speed: number, direction: 1 | -1): number {
  const steps = [-8, -4, -2, -1, 0, 1, 2, 4, 8]
  const index = steps.indexOf(speed)
  if (index === -1) return direction
  const next = steps[index + direction] ?? speed
  // From one direction into the other without a stop between, as in every editor.
  return next === 0 ? direction : next
}
