import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { endSessions } from '#shared/accounts/end-sessions.ts'
import { MAX_SESSIONS, sessionRepository } from '#shared/accounts/session-repository.ts'
import type { Session } from '#shared/contract/accounts/sessions.ts'
import { operations } from '#shared/contract/operations.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { login, refresh, logout, me, listSessions, endSession, endOtherSessions } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => {
  jest.restoreAllMocks()
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const as = (token: string) => ({ Authorization: `Bearer ${token}` })
const logIn = async (options: object = {}, agent = 'a browser') => {
  const body = { email: ada.email, password: ada.password, ...options }
  return expectReply(login, await web.agent.post('/auth/login').set('User-Agent', agent).send(body), 200)
}
const logInToRefresh = async () => {
  const { token, refresh_token = '', expires_in } = await logIn({ refresh: true })
  return { token, refresh_token, expires_in }
}
const sendRefresh = (refresh_token: string) => web.agent.post('/auth/refresh').send({ refresh_token })
const refreshWith = async (refresh_token: string) => {
  const reply = expectReply(refresh, await sendRefresh(refresh_token), 200)
  return { token: reply.token, refresh_token: reply.refresh_token ?? '' }
}
const ask = (token: string) => web.agent.get('/auth/me').set(as(token))
const sessionsOf = async (token: string): Promise<Session[]> =>
  expectReply(listSessions, await web.agent.get('/auth/sessions').set(as(token)), 200).sessions
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

/** Lets time pass for caches and tokens, not for the database. */
function advance(ms: number) {
  const now = Date.now.bind(Date)
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ms)
}
/** Lets time pass in the database, for the sessions of Ada. */
const backdate = (column: string, interval: string) =>
  web.database.query(
    `UPDATE sessions SET ${column} = ${column} - interval '${interval}' WHERE user_id = $1`,
    [ada.id],
  )

describe('a login', () => {
  test('whose password is changed after it was compared begins no session', async () => {
    const sessions = sessionRepository(web.database)
    const [row] = await web.database.query<{ hash: string }>(
      'SELECT password_hash AS hash FROM users WHERE id = $1',
      [ada.id],
    )
    const begin = (passwordHash = row?.hash ?? '') =>
      sessions.begin({
        id: randomUUID(),
        userId: ada.id,
        passwordHash,
        lifetimeSeconds: 60,
        refresh: undefined,
        address: null,
        userAgent: null,
      })
    expect(await begin()).toBeInstanceOf(Date)
    let late: Promise<Date | undefined> | undefined
    await web.database.transaction(async (query) => {
      await query("UPDATE users SET password_hash = 'another' WHERE id = $1", [ada.id])
      await endSessions(query, ada.id)
      late = begin()
      await eventually('the login waits for the change', 5_000, async () => {
        const waiting =
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR SHARE%'"
        return (await web.database.query(waiting)).length > 0
      })
    })
    expect(await late).toBeUndefined()
    expect(await web.database.query('SELECT FROM sessions WHERE user_id = $1', [ada.id])).toEqual([])
  })

  test('lasts for 12 hours and has no refresh token, unless it asks for one', async () => {
    const reply = await logIn()
    expect(Object.keys(reply).sort()).toEqual(['expires_in', 'token', 'token_type'])
    expect(reply.expires_in).toBe(43_200)
    expect(await logIn({ refresh: false })).not.toHaveProperty('refresh_token')
  })

  test('that can be refreshed has a token for 15 minutes, and lasts for 30 days', async () => {
    const { token, expires_in } = await logInToRefresh()
    expect(expires_in).toBe(900)
    const { exp, iat } = claimsOf(token)
    expect(exp - iat).toBe(900)
    const [session] = await sessionsOf(token)
    const days = (Date.parse(session?.expires_at ?? '') - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(30)
  })

  test('is a session with its address and user agent, of which the current one is marked', async () => {
    const { token } = await logIn({}, 'curl/8 (a script)')
    const sessions = await sessionsOf(token)
    expect(sessions).toHaveLength(2)
    expect(sessions.filter(({ current }) => current)).toEqual([
      expect.objectContaining({
        id: claimsOf(token).sid,
        address: '127.0.0.1',
        user_agent: 'curl/8 (a script)',
        refreshable: false,
      }),
    ])
  })

  test('ends the least recently used sessions beyond the limit, and no token is stored', async () => {
    await web.database.query(
      `INSERT INTO sessions (user_id, expires_at, last_used_at)
       SELECT $1, now() + interval '1 day', now() - n * interval '1 hour' FROM generate_series(1, $2::int) AS n`,
      [ada.id, MAX_SESSIONS + 5],
    )
    const { token } = await logIn()
    expect(await sessionsOf(token)).toHaveLength(MAX_SESSIONS)
    expectReply(me, await ask(ada.token), 200)
  })

  test('stores neither its token nor its refresh token', async () => {
    const { token, refresh_token } = await logInToRefresh()
    const rows = JSON.stringify(
      await web.database.query('SELECT *, family_hash::text, refresh_hash::text FROM sessions'),
    )
    for (const secret of [token, ...refresh_token.split('.').slice(1)]) {
      expect(rows).not.toContain(secret)
      expect(rows).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })
})

describe('a refresh token', () => {
  test('is exchanged for a token of the same session and another refresh token', async () => {
    const first = await logInToRefresh()
    const second = await refreshWith(first.refresh_token)
    const third = await refreshWith(second.refresh_token)
    expectReply(me, await ask(third.token), 200)
    expect(claimsOf(third.token).sid).toBe(claimsOf(first.token).sid)
    expect(claimsOf(third.token).jti).not.toBe(claimsOf(first.token).jti)
    expect(new Set([first, second, third].map((pair) => pair.refresh_token)).size).toBe(3)
  })

  test('ends the whole session when it is used again, for the thief and for the owner', async () => {
    const first = await logInToRefresh()
    const second = await refreshWith(first.refresh_token)
    await backdate('rotated_at', '11 seconds')
    const reply = await sendRefresh(first.refresh_token)
    expectProblem(refresh, reply, 'auth.refresh_reused')
    expectProblem(refresh, await sendRefresh(second.refresh_token), 'auth.refresh_invalid')
    expectProblem(me, await ask(second.token), 'auth.required')
    expectReply(me, await ask(ada.token), 200)
  })

  test('older than the one before the current one ends the session at once', async () => {
    const first = await logInToRefresh()
    const second = await refreshWith(first.refresh_token)
    await refreshWith(second.refresh_token)
    expectProblem(refresh, await sendRefresh(first.refresh_token), 'auth.refresh_reused')
  })

  test('used by two tabs at the same moment is exchanged once, and the session goes on', async () => {
    const { refresh_token } = await logInToRefresh()
    const replies = await Promise.all(Array.from({ length: 5 }, () => sendRefresh(refresh_token)))
    const [winner] = replies.filter(({ status }) => status === 200)
    const others = replies.filter(({ status }) => status !== 200)
    expect(others).toHaveLength(4)
    for (const other of others) expectProblem(refresh, other, 'auth.refresh_replaced')
    await refreshWith(winner?.body.refresh_token)
  })

  test('that was never issued ends nothing, even with the id of a session', async () => {
    const { token, refresh_token } = await logInToRefresh()
    const [prefix, family] = refresh_token.split('.')
    const other = 'A'.repeat(22)
    for (const forged of [
      `${prefix}.${other}.${other}`,
      `cr_${randomUUID()}.${family}.${other}`,
      'cr_',
      'x',
    ]) {
      expectProblem(refresh, await sendRefresh(forged), 'auth.refresh_invalid')
    }
    expectProblem(refresh, await sendRefresh(token.slice(0, 200)), 'auth.refresh_invalid')
    await refreshWith(refresh_token)
  })

  test('does not outlive its session', async () => {
    const { refresh_token } = await logInToRefresh()
    await backdate('expires_at', '31 days')
    expectProblem(refresh, await sendRefresh(refresh_token), 'auth.refresh_invalid')
  })

  test('is needed to refresh', async () => {
    expectFieldErrors(refresh, await web.agent.post('/auth/refresh').send({}), ['refresh_token'])
    expectFieldErrors(refresh, await sendRefresh('x'.repeat(201)), ['refresh_token'])
  })

  test('is no token', async () => {
    const { refresh_token } = await logInToRefresh()
    expectProblem(me, await ask(refresh_token), 'auth.required')
  })
})

describe('a session', () => {
  test('ends with a logout, within five seconds', async () => {
    const { token, refresh_token } = await logInToRefresh()
    expectReply(me, await ask(token), 200)
    expectReply(logout, await web.agent.post('/auth/logout').set(as(token)), 204)
    expectProblem(refresh, await sendRefresh(refresh_token), 'auth.refresh_invalid')
    advance(5_000)
    expectProblem(me, await ask(token), 'auth.required')
    expectReply(me, await ask(ada.token), 200)
  })

  test('can be ended by another of the same account, and by none of another account', async () => {
    const { token } = await logIn()
    const id = claimsOf(token).sid
    const bob = await web.signUp()
    const end = (of: string, by: string) => web.agent.delete(`/auth/sessions/${of}`).set(as(by))
    expectProblem(endSession, await end(id, bob.token), 'session.not_found')
    expectReply(endSession, await end(id, ada.token), 204)
    expectProblem(me, await ask(token), 'auth.required')
    const unknown = expectProblem(endSession, await end(randomUUID(), ada.token), 'session.not_found')
    const malformed = expectProblem(endSession, await end('x', ada.token), 'session.not_found')
    expect({ ...malformed, request_id: '' }).toEqual({ ...unknown, request_id: '' })
  })

  test('an empty id is not the way to end all others', async () => {
    const { token } = await logIn()
    expect((await web.agent.delete('/auth/sessions/').set(as(token))).status).toBe(405)
    expectReply(me, await ask(ada.token), 200)
  })

  test('can end all others', async () => {
    const tokens = [await logIn(), await logIn()].map(({ token }) => token)
    const reply = await web.agent.delete('/auth/sessions').set(as(ada.token))
    expect(expectReply(endOtherSessions, reply, 200)).toEqual({ ended: 2 })
    for (const token of tokens) expectProblem(me, await ask(token), 'auth.required')
    expect(await sessionsOf(ada.token)).toHaveLength(1)
  })

  test('expires, whatever its token says', async () => {
    await backdate('expires_at', '12 hours')
    expectProblem(me, await ask(ada.token), 'auth.required')
  })

  test('shows when it was last used, to the minute', async () => {
    await backdate('last_used_at', '2 minutes')
    const [session] = await sessionsOf(ada.token)
    expect(Date.now() - Date.parse(session?.last_used_at ?? '')).toBeLessThan(30_000)
  })

  test('ends with the account, within five seconds', async () => {
    expectReply(me, await ask(ada.token), 200)
    await web.database.query('DELETE FROM users WHERE id = $1', [ada.id])
    advance(5_000)
    expectProblem(me, await ask(ada.token), 'auth.required')
  })
})

test('ending the sessions of a user leaves one of them, and those of others', async () => {
  const { token } = await logIn()
  const bob = await web.signUp()
  expect(await endSessions(web.database.query, ada.id, { except: claimsOf(token).sid })).toBe(1)
  expectReply(me, await ask(token), 200)
  expect(await endSessions(web.database.query, ada.id)).toBe(1)
  expectReply(me, await ask(bob.token), 200)
})
