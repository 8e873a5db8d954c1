import { expect, test } from '@jest/globals'
import { actionOf, COMBINATIONS, nextSpeed, SHORTCUTS } from './keys.ts'

const press = (key: string, more = {}) =>
  actionOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...more })

test('every listed key does what the list says, in upper case too', () => {
  for (const { keys, action } of SHORTCUTS) {
    for (const key of keys) expect(press(key)).toBe(action)
    if (keys[0]?.length === 1) expect(press(keys[0].toUpperCase())).toBe(action)
  }
})

test('no key has two meanings', () => {
  const keys = SHORTCUTS.flatMap((shortcut) => shortcut.keys)
  expect(new Set(keys).size).toBe(keys.length)
})

test('combinations are left to the browser, but for undo', () => {
  expect(press('l', { ctrlKey: true })).toBeUndefined()
  expect(press('ArrowLeft', { altKey: true })).toBeUndefined()
  expect(press('z', { ctrlKey: true })).toBe('undo')
  expect(press('z', { metaKey: true })).toBe('undo')
})

test('listed combinations do what the list says', () => {
  for (const { with: modifier, keys, action } of COMBINATIONS) {
    const held = modifier === 'Shift' ? { shiftKey: true } : { ctrlKey: true }
    for (const key of keys) expect(press(key, held)).toBe(action)
  }
  expect(press('Z', { ctrlKey: true, shiftKey: true })).toBe('redo')
  expect(press('Z', { metaKey: true, shiftKey: true })).toBe('redo')
  expect(press('y', { metaKey: true })).toBe('redo')
})

test('Shift that a key needs to be typed changes nothing', () => {
  expect(press('?', { shiftKey: true })).toBe('help')
  expect(press('+', { shiftKey: true })).toBe('zoomIn')
  expect(press('I', { shiftKey: true })).toBe('setIn')
})

test('L repeats go faster, J slows down and turns back', () => {
  expect([0, 1, 2, 4, 8].map((speed) => nextSpeed(speed, 1))).toEqual([1, 2, 4, 8, 8])
  expect([0, -1, -2].map((speed) => nextSpeed(speed, -1))).toEqual([-1, -2, -4])
  expect(nextSpeed(2, -1)).toBe(1)
  expect(nextSpeed(1, -1)).toBe(-1)
  expect(nextSpeed(0.5, 1)).toBe(1)
})
