import { spawnSync } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'

/** What a process prints that logs by `code`; winston writes past jest's own streams. */
function print(format: 'json' | 'text', code: string): string {
  const logger = new URL('./logger.ts', import.meta.url).href
  const script = `
    const { createLogger } = await import(process.argv[1])
    const log = createLogger({ level: 'info', service: 'batch', format: '${format}' })
    ${code}`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, logger], {
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  })
  return stdout + stderr
}

describe('a line for Cloud Logging', () => {
  test('has severity, message, time, labels and the fields given', () => {
    const line = JSON.parse(print('json', "log.child({ jobId: 'j' }).warn('attempt failed', { code: 'c' })"))
    expect(line).toMatchObject({
      severity: 'WARNING',
      message: 'attempt failed',
      jobId: 'j',
      code: 'c',
      'logging.googleapis.com/labels': { service: 'batch' },
    })
    expect(Date.parse(line.timestamp)).not.toBeNaN()
    expect(line).not.toHaveProperty('@type')
  })

  test('of an error is one that Error Reporting groups, with the whole chain of causes', () => {
    const thrown = "new Error('outer', { cause: new TypeError('inner') })"
    const line = JSON.parse(print('json', `log.error('request failed', { error: ${thrown} })`))
    expect(line['@type']).toMatch(/ReportedErrorEvent$/)
    expect(line.serviceContext).toMatchObject({ service: 'batch', version: expect.any(String) })
    expect(line).toMatchObject({ severity: 'ERROR', error: 'outer' })
    expect(line.stack_trace).toMatch(/Error: outer[\s\S]*Caused by: TypeError: inner/)
  })
})

test('a line for a person is text', () => {
  expect(print('text', "log.info('batch listens', { port: 8081 })")).toMatch(
    /info {2}batch batch listens port=8081\n$/,
  )
})

test('a line below the level is not printed', () => {
  expect(print('text', "log.debug('nothing')")).toBe('')
})
