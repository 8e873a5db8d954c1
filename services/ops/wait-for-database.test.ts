import { expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { type Clock, waitForDatabase } from './wait-for-database.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

/** A clock whose time passes only while somebody sleeps. */
function clock(): Clock & { slept: number } {
  return {
    slept: 0,
    now() {
      return this.slept
    },
    async sleep(ms) {
      this.slept += ms
    },
  }
}

/** Fails as many times, then answers. */
function failing(times: number, error: Error = refused) {
  let left = times
  return async <Row>(): Promise<Row[]> => {
    left -= 1
    if (left >= 0) throw error
    return []
  }
}

test('a database that answers is not waited for', async () => {
  const time = clock()
  await waitForDatabase(failing(0), silentLogger, 240_000, time)
  expect(time.slept).toBe(0)
})

test('a database that cannot be reached for a minute is waited for', async () => {
  const time = clock()
  await waitForDatabase(failing(30), silentLogger, 240_000, time)
  expect(time.slept).toBe(60_000)
})

test('a database that cannot be reached at all is given up in time', async () => {
  const time = clock()
  await expect(waitForDatabase(failing(1000), silentLogger, 240_000, time)).rejects.toBe(refused)
  expect(time.slept).toBe(240_000)
})

test('without a timeout, the first error is final', async () => {
  await expect(waitForDatabase(failing(1), silentLogger, 0, clock())).rejects.toBe(refused)
})

test('an error that waiting does not cure is final', async () => {
  const wrong = Object.assign(new Error('password authentication failed'), { code: '28P01' })
  await expect(waitForDatabase(failing(1, wrong), silentLogger, 240_000, clock())).rejects.toBe(wrong)
})
