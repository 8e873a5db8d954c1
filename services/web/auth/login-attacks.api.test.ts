import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { operations } from '#shared/contract/operations.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { login } = operations
/** Addresses of documentation networks (RFC 5737), as a proxy reports them. */
const HOME = '198.51.100.7'
const EVE = '203.0.113.66'
const strangers = (count: number) => Array.from({ length: count }, (_, i) => `192.0.2.${i}`)

// Many requests, one after another.
jest.setTimeout(30_000)

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb({
    env: { TRUST_PROXY: '1', LOGIN_FAILURES: '20', LOGIN_FAILURES_PER_ACCOUNT: '10' },
  })
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => {
  jest.restoreAllMocks()
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const logIn = (address: string, email: string, password: string) =>
  web.agent.post('/auth/login').set('X-Forwarded-For', address).send({ email, password })
const wrong = (address: string, email = ada.email) => logIn(address, email, 'wrong horse')
const right = (address: string) => logIn(address, ada.email, ada.password)
const about = ({ status, body }: { status: number; body: { code?: string; title?: string } }) => ({
  status,
  code: body.code,
  title: body.title,
})
const statuses = async (replies: Promise<{ status: number }>[]) =>
  (await Promise.all(replies)).map(({ status }) => status)

describe('guesses at the password of one account', () => {
  test('from one address are soon refused, before a password is compared, and with a growing delay', async () => {
    const compare = jest.spyOn(bcrypt, 'compare')
    const replies = []
    for (let i = 0; i < 25; i++) replies.push(await wrong(EVE))
    expect(replies.slice(0, 5).map(({ status }) => status)).toEqual(Array(5).fill(401))
    // On a busy machine, the first pauses of 1 s and 2 s may pass meanwhile.
    expect(replies.filter(({ status }) => status === 401).length).toBeLessThan(10)
    expect(compare.mock.calls.length).toBeLessThan(10)
    const refusal = replies.find(({ status }) => status === 429)
    if (refusal) expectProblem(login, refusal, 'request.rate_limited')
    expect(refusal?.headers['retry-after']).toMatch(/^[124]$/)
  })

  test('at the same time are no way around that', async () => {
    const compare = jest.spyOn(bcrypt, 'compare')
    const began = performance.now()
    const seen = await statuses(Array.from({ length: 60 }, () => wrong(EVE)))
    // The sixth may follow after 1 s, the seventh 2 s later, and so on.
    const allowed = 5 + Math.floor(Math.log2(1 + (performance.now() - began) / 1000))
    expect(seen.filter((status) => status === 401).length).toBeLessThanOrEqual(allowed)
    expect(compare.mock.calls.length).toBeLessThanOrEqual(allowed)
  })

  test('do not keep its owner from logging in elsewhere', async () => {
    for (let i = 0; i < 10; i++) await wrong(EVE)
    expectReply(login, await right(HOME), 200)
  })

  test('from many addresses do not lock its owner out of where the account has been used', async () => {
    expectReply(login, await right(HOME), 200)
    for (const address of strangers(12)) await wrong(address)
    expectProblem(login, await right('203.0.113.1'), 'request.rate_limited')
    for (let i = 0; i < 6; i++) expectProblem(login, await wrong(HOME), 'auth.wrong_credentials')
    expectReply(login, await right(HOME), 200)
  })

  test('get the same replies when there is no such account', async () => {
    const nobody = `nobody-${ada.username}@example.com`
    const seen = { nobody: [] as object[], ada: [] as object[] }
    for (const address of [...Array(8).fill(EVE), ...strangers(40)]) {
      // At the same time: pauses pass for both meanwhile, however busy the machine is.
      const [ofNobody, ofAda] = await Promise.all([wrong(address, nobody), wrong(address)])
      seen.nobody.push(about(ofNobody))
      seen.ada.push(about(ofAda))
    }
    expect(seen.nobody).toEqual(seen.ada)
  })
})

test('a login that succeeds forgets the failures before it', async () => {
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 4; i++) expectProblem(login, await wrong(HOME), 'auth.wrong_credentials')
    expectReply(login, await right(HOME), 200)
  }
})

test('many logins of one user at the same time succeed where the account has been used', async () => {
  expectReply(login, await right(HOME), 200)
  expect(await statuses([1, 2, 3, 4, 5, 6].map(() => right(HOME)))).toEqual(Array(6).fill(200))
})

test.each([
  ['one address', () => EVE],
  ['60 addresses', (connection: number) => `192.0.2.${connection}`],
])(
  '60 connections from %s that guess do not keep users from logging in where they have before',
  async (_, from) => {
    expectReply(login, await right(HOME), 200)
    const compare = bcrypt.compare.bind(bcrypt)
    // As slow as a higher cost, without the load.
    jest.spyOn(bcrypt, 'compare').mockImplementation(async (password, hash) => {
      await sleep(40)
      return compare(password, hash)
    })
    let stopped = false
    const seen: number[] = []
    const attack = Array.from({ length: 60 }, async (_, connection) => {
      for (let i = 0; !stopped; i++) {
        // Every guess at another account, so that no limit of an account ends the attack.
        const body = JSON.stringify({ email: `${connection}-${i}@example.com`, password: 'wrong horse' })
        const headers = { 'X-Forwarded-For': from(connection), 'Content-Type': 'application/json' }
        const reply = await fetch(`${web.url}/auth/login`, { method: 'POST', headers, body })
        await reply.arrayBuffer()
        seen.push(reply.status)
        await sleep(300)
      }
    })
    while (!seen.includes(429)) await sleep(10)
    for (let i = 0; i < 3; i++) expectReply(login, await right(HOME), 200)
    stopped = true
    await Promise.all(attack)
    expect(seen.filter((status) => status === 429).length).toBeGreaterThan(seen.length / 6)
  },
)
