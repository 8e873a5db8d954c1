import { describe, expect, test } from '@jest/globals'
import { signOutputLink, verifyOutputLink } from './output-link.ts'

const secret = 'a secret of thirty-two characters'
const link = {
  taskId: '0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11',
  name: 'part 1.mp4',
  expiresAt: new Date('2030-01-01T00:00:00Z'),
}
const before = new Date('2029-12-31T23:59:59Z')

/** The parts of a signed link, as a route sees them. */
function parts(signed = signOutputLink(link, secret)) {
  const url = new URL(signed, 'http://localhost')
  const [, , taskId = '', name = ''] = url.pathname.split('/')
  const { expires = '', signature = '' } = Object.fromEntries(url.searchParams)
  return { taskId, name: decodeURIComponent(name), expires, signature }
}

describe('a link to an output', () => {
  test('is valid for what it was signed for, until it expires', () => {
    expect(parts()).toMatchObject({ taskId: link.taskId, name: link.name, expires: '1893456000' })
    expect(() => verifyOutputLink(parts(), [secret], before)).not.toThrow()
    expect(() => verifyOutputLink(parts(), [secret], link.expiresAt)).toThrow('has expired')
  })

  test.each([
    ['task', { taskId: '0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a12' }],
    ['name', { name: 'part 2.mp4' }],
    ['expiry', { expires: '1993456000' }],
    ['signature', { signature: 'A'.repeat(43) }],
    ['signature of another length', { signature: '' }],
  ])('with another %s is refused', (_, change) => {
    expect(() => verifyOutputLink({ ...parts(), ...change }, [secret], before)).toThrow(
      expect.objectContaining({ code: 'output.link_invalid' }),
    )
  })

  test('survives that the secret is replaced', () => {
    expect(() => verifyOutputLink(parts(), ['a new secret', secret], before)).not.toThrow()
    expect(() => verifyOutputLink(parts(), ['a new secret'], before)).toThrow('has an invalid signature')
  })
})
