import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { Slot } from './job-slots.ts'
import { leaveWhileWaiting, NoSlot } from './leave-while-waiting.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** A job with so many sources, whose hosts answer when the test says so. */
function openJob(sources: number, isFree = true) {
  const log: string[] = []
  const slot: Slot = {
    leave: () => void log.push('left'),
    return: async () => log.push('returned') > 0 && isFree,
    isHeld: () => true,
    isWanted: () => false,
    widen: async () => true,
    narrow: () => undefined,
  }
  const { run, end } = leaveWhileWaiting(slot, sources)
  const hosts = Array.from({ length: sources }, () => Promise.withResolvers<void>())
  const copies = Array.from({ length: sources }, () => Promise.withResolvers<void>())
  const opened = hosts.map((host, i) =>
    run(async (whileWaiting) => {
      await whileWaiting(() => host.promise)
      await copies[i]?.promise
    }),
  )
  return { log, hosts, copies, opened, end }
}
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)

test('a job whose host answers soon keeps its slot', async () => {
  const { log, hosts, copies, opened } = openJob(1)
  await pass(400)
  hosts[0]?.resolve()
  copies[0]?.resolve()
  await Promise.all(opened)
  await pass(2_000)
  expect(log).toEqual(['returned'])
})

test('a job leaves its slot while all of its hosts keep it waiting, and only then', async () => {
  const { log, hosts, copies, opened } = openJob(2)
  hosts[0]?.resolve()
  await pass(2_000)
  expect(log).toEqual(['returned'])
  copies[0]?.resolve()
  await pass(0)
  expect(log).toEqual(['returned', 'left'])
  hosts[1]?.resolve()
  copies[1]?.resolve()
  await Promise.all(opened)
  expect(log).toEqual(['returned', 'left', 'returned'])
})

test('a job whose host fails does not wait for a slot', async () => {
  const { log, hosts, opened } = openJob(1)
  await pass(2_000)
  hosts[0]?.reject(new Error('too slow'))
  await expect(opened[0]).rejects.toThrow('too slow')
  expect(log).toEqual(['left'])
})

test('a job for which no slot is free when its host answers does not go on here', async () => {
  const { hosts, opened } = openJob(1, false)
  await pass(2_000)
  hosts[0]?.resolve()
  await expect(opened[0]).rejects.toThrow(NoSlot)
})

test('a source that answers after another one has failed leaves the slot alone', async () => {
  const { log, hosts, opened, end } = openJob(2)
  hosts[0]?.reject(new Error('gone'))
  await expect(opened[0]).rejects.toThrow('gone')
  end()
  const late = expect(opened[1]).rejects.toThrow(NoSlot)
  await pass(2_000)
  hosts[1]?.resolve()
  await late
  expect(log).toEqual([])
})
