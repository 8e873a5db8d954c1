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

/** Work that runs until the test ends it. */
function start(slots: JobSlots, onLeave: (() => void) | undefined = () => undefined) {
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

describe('work that leaves its slot', () => {
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

describe('work that takes several slots', () => {
  const { signal } = new AbortController()

  test('waits until they are free, and nothing else begins meanwhile', async () => {
    const slots = createJobSlots(2)
    const [large, other] = [start(slots), start(slots)]
    const widened = large?.slot.widen(2, signal)
    expect(start(slots)).toBeUndefined()
    expect(other?.slot.isWanted()).toBe(true)
    await other?.end()
    expect(await widened).toBe(true)
    expect(start(slots)).toBeUndefined()
    await large?.end()
    expect([start(slots), start(slots), start(slots)].map(Boolean)).toEqual([true, true, false])
  })

  test('takes those that are free at once, and no more than there are', async () => {
    const slots = createJobSlots(3)
    const [large, other] = [start(slots), start(slots)]
    expect(await large?.slot.widen(2, signal)).toBe(true)
    expect(start(slots)).toBeUndefined()
    await other?.end()
    expect(await large?.slot.widen(9, signal)).toBe(true)
    expect(start(slots)).toBeUndefined()
  })

  test('keeps one of them when it has ended, and tells that others are free', async () => {
    const slots = createJobSlots(3)
    const onLeave = jest.fn()
    const large = start(slots, onLeave)
    large?.slot.narrow()
    await large?.slot.widen(3, signal)
    expect(onLeave).not.toHaveBeenCalled()
    large?.slot.narrow()
    expect(onLeave).toHaveBeenCalledTimes(1)
    expect([start(slots), start(slots), start(slots)].map(Boolean)).toEqual([true, true, false])
  })

  test('never waits for other work of its kind that waits for it', async () => {
    const slots = createJobSlots(2)
    const [first, second] = [start(slots, undefined), start(slots, undefined)]
    const firstWidened = first?.slot.widen(2, signal)
    const secondWidened = second?.slot.widen(2, signal)
    expect(await firstWidened).toBe(true)
    expect(second?.slot.isHeld()).toBe(false)
    await first?.end()
    expect(await secondWidened).toBe(true)
  })

  test('does not wait for ever, and holds none then', async () => {
    const slots = createJobSlots(2)
    const [large, other] = [start(slots), start(slots)]
    const widened = large?.slot.widen(2, signal)
    await jest.advanceTimersByTimeAsync(120_000)
    expect(await widened).toBe(false)
    expect(large?.slot.isHeld()).toBe(false)
    await large?.end()
    expect(start(slots)).toBeDefined()
    expect(start(slots)).toBeUndefined()
    await other?.end()
  })

  test('that is aborted while it waits lets what waits behind it have its turn', async () => {
    const slots = createJobSlots(3)
    const abort = new AbortController()
    const [large, left, other] = [start(slots), start(slots), start(slots)]
    left?.slot.leave()
    const widened = large?.slot.widen(3, abort.signal)
    const returned = left?.slot.return()
    abort.abort(new Error('no longer wanted'))
    await expect(widened).rejects.toThrow('no longer wanted')
    expect(await returned).toBe(true)
    await large?.end()
    expect(start(slots)).toBeDefined()
    expect(start(slots)).toBeUndefined()
    await Promise.all([left?.end(), other?.end()])
  })

  test.each([1, 2, 3, 5])(
    'is never granted more than %d slots together, in any order of events',
    async (count) => {
      const slots = createJobSlots(count)
      let seed = count
      const random = (n: number) => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
        return seed % n
      }
      const works: { work: NonNullable<ReturnType<typeof start>>; slots: number }[] = []
      for (let step = 0; step < 2_000; step++) {
        const at = works[random(works.length || 1)]
        const what = random(6)
        if (what === 0 || !at) {
          const work = start(slots)
          if (work) works.push({ work, slots: 1 })
        } else if (what === 1) {
          works.splice(works.indexOf(at), 1)
          await at.work.end()
        } else if (what === 2 && at.work.slot.isHeld()) {
          const wanted = 1 + random(count)
          if (wanted <= at.slots) continue
          at.slots = wanted
          void at.work.slot.widen(wanted, signal)
        } else if (what === 3 && at.slots === 1) at.work.slot.leave()
        else if (what === 4 && at.slots === 1) void at.work.slot.return()
        else if (at.work.slot.isHeld()) {
          at.work.slot.narrow()
          at.slots = 1
        }
        const held = works.filter(({ work }) => work.slot.isHeld())
        expect(held.reduce((sum, each) => sum + each.slots, 0)).toBeLessThanOrEqual(count)
      }
      await Promise.all(works.map(({ work }) => work.end()))
      expect(Array.from({ length: count + 1 }, () => Boolean(start(slots))).filter(Boolean)).toHaveLength(
        count,
      )
    },
  )
})
