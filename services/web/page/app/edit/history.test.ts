import { expect, test } from '@jest/globals'
import { emptyHistory, type History, recorded, redone, undone } from './history.ts'

const afterChanges = (...states: number[]): History<number> =>
  states.reduce<History<number>>((history, state) => recorded(history, state), emptyHistory)

test('undo goes back change by change, redo forward again', () => {
  const first = undone(afterChanges(1, 2), 3)
  expect(first?.state).toBe(2)
  const second = undone(first?.history ?? emptyHistory, 2)
  expect(second?.state).toBe(1)
  expect(undone(second?.history ?? emptyHistory, 1)).toBeUndefined()
  const third = redone(second?.history ?? emptyHistory, 1)
  expect(third?.state).toBe(2)
  expect(redone(third?.history ?? emptyHistory, 2)?.state).toBe(3)
})

test('a change after an undo ends what could be redone', () => {
  const { history } = undone(afterChanges(1, 2), 3) ?? { history: emptyHistory }
  expect(redone(recorded(history, 2), 9)).toBeUndefined()
})

test('only so many steps are kept', () => {
  const history = afterChanges(...Array.from({ length: 500 }, (_, i) => i))
  expect(history.past).toHaveLength(200)
  expect(undone(history, 500)?.state).toBe(499)
})
