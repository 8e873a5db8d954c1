import { expect, test } from '@jest/globals'
import { inTurn, runSchedule, speedsOf, together } from './schedule.ts'

const SCHEDULE = inTurn('a', together('b', inTurn('c', 'd')), 'e')

/** Runs the schedule; each speed ends when `finish` is called with it. */
function follow(isOver = () => false) {
  const log: string[] = []
  const running = new Map<string, () => void>()
  const run = (speed: string) => {
    log.push(speed)
    return new Promise<string>((resolve) => running.set(speed, () => resolve(speed)))
  }
  const over = runSchedule(SCHEDULE, run, isOver)
  const finish = async (speed: string) => {
    running.get(speed)?.()
    await new Promise(setImmediate)
  }
  return { log, finish, over }
}

test('names every speed', () => {
  expect(speedsOf(SCHEDULE)).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('what stands together runs at the same time, and what follows waits for all of it', async () => {
  const { log, finish, over } = follow()
  expect(log).toEqual(['a'])
  await finish('a')
  expect(log).toEqual(['a', 'b', 'c'])
  await finish('c')
  await finish('d')
  expect(log).toEqual(['a', 'b', 'c', 'd'])
  await finish('b')
  expect(log).toEqual(['a', 'b', 'c', 'd', 'e'])
  await finish('e')
  expect(await over).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('nothing begins once the run is over', async () => {
  let isOver = false
  const { log, finish, over } = follow(() => isOver)
  isOver = true
  await finish('a')
  expect(await over).toEqual(['a'])
  expect(log).toEqual(['a'])
})
