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
  | 'keyFrameBack'
  | 'keyFrameForward'
  | 'zoomIn'
  | 'zoomOut'
  | 'zoomAll'
  | 'addRange'
  | 'undo'
  | 'redo'
  | 'help'

export type Shortcut = { keys: string[]; label: string[]; action: Action; text: Text }

/** A key together with Shift, or with Ctrl or ⌘. */
export type Combination = Shortcut & { with: 'Shift' | 'Ctrl' }

/** The handlers and the list under `?` both come from this table and the next. */
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
  { keys: ['n'], label: ['N'], action: 'addRange', text: 'keys.addRange' },
  { keys: ['+', '='], label: ['+'], action: 'zoomIn', text: 'keys.zoomIn' },
  { keys: ['-'], label: ['-'], action: 'zoomOut', text: 'keys.zoomOut' },
  { keys: ['0'], label: ['0'], action: 'zoomAll', text: 'keys.zoomAll' },
  { keys: ['z'], label: ['Z'], action: 'undo', text: 'keys.undo' },
  { keys: ['y'], label: ['Y'], action: 'redo', text: 'keys.redo' },
  { keys: ['?'], label: ['?'], action: 'help', text: 'keys.help' },
]

/** Undo and redo as everywhere, and what goes further than the key alone. */
export const COMBINATIONS: Combination[] = [
  {
    with: 'Shift',
    keys: ['ArrowLeft'],
    label: ['⇧', '←'],
    action: 'keyFrameBack',
    text: 'keys.keyFrameBack',
  },
  {
    with: 'Shift',
    keys: ['ArrowRight'],
    label: ['⇧', '→'],
    action: 'keyFrameForward',
    text: 'keys.keyFrameForward',
  },
  { with: 'Shift', keys: ['z'], label: ['⇧', 'Z'], action: 'redo', text: 'keys.redo' },
  { with: 'Ctrl', keys: ['z'], label: ['Ctrl', 'Z'], action: 'undo', text: 'keys.undo' },
  { with: 'Ctrl', keys: ['y'], label: ['Ctrl', 'Y'], action: 'redo', text: 'keys.redo' },
]

type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'> & { shiftKey?: boolean }

/** The action of a key. Combinations that are not listed belong to the browser. */
export function actionOf({ key, ctrlKey, metaKey, altKey, shiftKey = false }: KeyPress): Action | undefined {
  const pressed = key.length === 1 ? key.toLowerCase() : key
  if (altKey) return undefined
  const find = (table: Shortcut[]) => table.find(({ keys }) => keys.includes(pressed))?.action
  const combined = (modifier: Combination['with']) =>
    find(COMBINATIONS.filter((combination) => combination.with === modifier))
  if (ctrlKey || metaKey) return combined(shiftKey && pressed === 'z' ? 'Shift' : 'Ctrl')
  // Shift alone may be needed to type the key itself, such as + or ?.
  return (shiftKey && combined('Shift')) || find(SHORTCUTS)
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
