import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createJobSlots, type JobSlots, type Slot } from './job-slots.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('runs as much work at a time as there are slots', async () => {
  const slots = createJobSlots(1)
  const gate = Promise.withResolvers<string>()
  const first = slots.tryRun(() => gate.promise)
  expect(slots.tryRun(async () => 'second')).toBeUndefined()
  gate.resolve('first')
  expect(await first).toBe('first')
  expect(await slots.tryRun(async () => 'second')).toBe('second')
})

test('gives out no slot while it is paused', async () => {
  const slots = createJobSlots(2)
  const ends: boolean[] = []
  slots.pause(1_000, () => ends.push(slots.isPaused()))
  expect(slots.tryRun(async () => 'work')).toBeUndefined()
  expect(slots.isPaused()).toBe(true)
  jest.advanceTimersByTime(1_000)
  expect(ends).toEqual([false])
  expect(await slots.tryRun(async () => 'work')).toBe('work')
})

describe('work that leaves its slot', () => {
  const onLeave = () => undefined
  /** Work that runs until the test ends it. */
  function start(slots: JobSlots) {
    const gate = Promise.withResolvers<void>()
    let slot: Slot | undefined
    const ended = slots.tryRun((given) => {
      slot = given
      return gate.promise
    }, onLeave)
    const end = () => {
      gate.resolve()
      return ended
    }
    return slot && { slot, end }
  }

  test('lets other work in, and has the next free slot when it returns', async () => {
    const slots = createJobSlots(1)
    const first = start(slots)
    expect(start(slots)).toBeUndefined()
    first?.slot.leave()
    const second = start(slots)
    expect(second?.slot.isHeld()).toBe(true)
    const returned = first?.slot.return()
    await jest.advanceTimersByTimeAsync(0)
    expect([first?.slot.isHeld(), second?.slot.isWanted()]).toEqual([false, true])
    await second?.end()
    expect(await returned).toBe(true)
    expect(first?.slot.isHeld()).toBe(true)
    expect(start(slots)).toBeUndefined()
    await first?.end()
    expect(start(slots)).toBeDefined()
  })

  test('returns at once to a free slot, also when two parts of it do', async () => {
    const slots = createJobSlots(1)
    const work = start(slots)
    work?.slot.leave()
    await Promise.all([work?.slot.return(), work?.slot.return()])
    expect(work?.slot.isHeld()).toBe(true)
    expect(start(slots)).toBeUndefined()
  })

  test('and ends without it takes none', async () => {
    const slots = createJobSlots(1)
    const gone = start(slots)
    gone?.slot.leave()
    const other = start(slots)
    void gone?.slot.return()
    await gone?.end()
    await other?.end()
    const next = start(slots)
    expect(next).toBeDefined()
    expect(start(slots)).toBeUndefined()
    await next?.end()
  })

  test('does not wait long for another one', async () => {
    const slots = createJobSlots(1)
    const first = start(slots)
    first?.slot.leave()
    const second = start(slots)
    const returned = first?.slot.return()
    await jest.advanceTimersByTimeAsync(2_000)
    expect(await returned).toBe(false)
    await Promise.all([first?.end(), second?.end()])
    expect(start(slots)).toBeDefined()
    expect(start(slots)).toBeUndefined()
  })

  test('is limited in number', () => {
    const slots = createJobSlots(1)
    const left = Array.from({ length: 40 }, () => {
      const work = start(slots)
      work?.slot.leave()
      return work && !work.slot.isHeld()
    })
    expect(left.filter(Boolean)).toHaveLength(32)
  })
})
