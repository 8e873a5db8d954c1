import { describe, expect, test } from '@jest/globals'
import { CreateTask, CreateTaskFields } from '../create-task.ts'
import { applyPreset } from '../presets.ts'
import { hideHeaders, Source } from '../recipe.ts'

const url = 'https://example.com/private.mp4'
const SECRET = 'Bearer s3cret'

/** Paths of the fields in which these headers are wrong; no message may show a value. */
function issuesOf(headers: unknown, source: object = { url }): string[] {
  const issues = Source.safeParse({ ...source, headers }).error?.issues ?? []
  expect(JSON.stringify(issues)).not.toContain('s3cret')
  return issues.map(({ path }) => path.join('.'))
}

describe('headers of a source', () => {
  test.each([
    'Authorization',
    'authorization',
    'Cookie',
    'User-Agent',
    'Referer',
    'Accept',
    'Private-Token',
    'X-Api-Key',
    'x-amz-security-token',
  ])('may be %s', (name) => {
    expect(issuesOf({ [name]: SECRET })).toEqual([])
  })

  test.each([
    'Host',
    'Range',
    'If-Range',
    'If-Match',
    'If-Modified-Since',
    'Connection',
    'Keep-Alive',
    'Transfer-Encoding',
    'TE',
    'Trailer',
    'Upgrade',
    'Expect',
    'Content-Length',
    'Accept-Encoding',
    'Proxy-Authorization',
    'X-Forwarded-For',
    'X-HTTP-Method-Override',
    'X-aws-ec2-metadata-token',
    'Metadata-Flavor',
    'X-',
    'X-Two Words',
    'X-Line\r\nHost',
    ' Authorization',
    '',
  ])('may not be %j', (name) => {
    expect(issuesOf({ [name]: SECRET })).toEqual([`headers.${name}`])
  })

  test.each([
    ['nothing', ''],
    ['only a space', ' '],
    ['a space at the end', `${SECRET} `],
    ['another header', `${SECRET}\r\nHost: other.example`],
    ['a line feed', `${SECRET}\n`],
    ['a NUL', `${SECRET}\0`],
    ['more than ASCII', `${SECRET} é`],
    ['more than 4096 characters', SECRET.padEnd(4097, 'x')],
    ['a number', 1],
    ['a list', [SECRET]],
  ])('may not contain %s', (_, value) => {
    expect(issuesOf({ Authorization: value })).toEqual(['headers.Authorization'])
  })

  test('may have one character, or 4096', () => {
    expect(issuesOf({ 'X-A': 'a', 'X-B': SECRET.padEnd(4096, 'x') })).toEqual([])
  })

  test('are ten at most, each once', () => {
    const headers = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, SECRET]))
    expect(issuesOf(headers(10))).toEqual([])
    expect(issuesOf(headers(11))).toEqual(['headers'])
    expect(issuesOf({ Cookie: SECRET, cookie: SECRET })).toEqual(['headers.cookie'])
  })

  test('are for URLs only', () => {
    const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
    expect(issuesOf({ Authorization: SECRET }, upload)).toEqual(['headers'])
  })

  test('come with the sources of a task and of its recipe, not with those of a form', () => {
    const sources = [{ url, headers: { Authorization: SECRET } }]
    expect(CreateTask.parse({ sources, preset: 'mp3' }).sources).toEqual(sources)
    expect(CreateTask.parse({ recipe: { sources } }).recipe?.sources).toEqual(sources)
    expect(applyPreset('reel', sources).sources).toMatchObject(sources)
    expect(CreateTaskFields.safeParse({ recipe: JSON.stringify({ sources }) }).success).toBe(false)
  })
})

test('hidden headers keep their names', () => {
  const source = Source.parse({ url, headers: { Authorization: SECRET, 'X-A': 'b' } })
  expect(hideHeaders(source)).toEqual({
    url,
    headers: { Authorization: '[hidden]', 'X-A': '[hidden]' },
  })
  expect(hideHeaders(Source.parse({ url }))).toEqual({ url })
})
