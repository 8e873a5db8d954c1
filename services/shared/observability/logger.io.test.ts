import { spawnSync } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'

/** The output of a process that runs `code`. Winston bypasses the streams that jest captures. */
function outputOf(format: 'json' | 'text', code: string): string {
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

describe('a JSON line', () => {
  test('has severity, message, time, labels and fields', () => {
    const line = JSON.parse(
      outputOf('json', "log.child({ jobId: 'j' }).warn('attempt failed', { code: 'c' })"),
    )
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

  test('for an error can be grouped by Error Reporting and includes all causes', () => {
    const thrown = "new Error('outer', { cause: new TypeError('inner') })"
    const line = JSON.parse(outputOf('json', `log.error('request failed', { error: ${thrown} })`))
    expect(line['@type']).toMatch(/ReportedErrorEvent$/)
    expect(line.serviceContext).toMatchObject({ service: 'batch', version: expect.any(String) })
    expect(line).toMatchObject({ severity: 'ERROR', error: 'outer' })
    expect(line.stack_trace).toMatch(/Error: outer[\s\S]*Caused by: TypeError: inner/)
  })
})

test('text lines are readable in a terminal', () => {
  expect(outputOf('text', "log.info('batch listens', { port: 8081 })")).toMatch(
    /info {2}batch batch listens port=8081\n$/,
  )
})

test('no value can forge a text line', () => {
  const fields = "{ 'a\\n2026 error x': 1, path: '/x\\r\\n2026-11-27 error web FORGED\\0\\u2028\\u202e' }"
  const output = outputOf('text', `log.info('request', ${fields})`)
  expect(output.trimEnd().split(/[\r\n\u2028]/)).toHaveLength(1)
  expect(output).toContain('path=/x\\u000d\\u000a2026-11-27 error web FORGED\\u0000\\u2028\\u202e')
})

test('no message of an error can forge a text line', () => {
  const error = "new Error('one\\n2026-11-27 error web FORGED')"
  const output = outputOf('text', `log.error('failed', { error: ${error} })`)
  expect(output).toContain('FORGED')
  expect(output).not.toMatch(/^2026-11-27 error web FORGED/m)
})

test('lines below the level are not printed', () => {
  expect(outputOf('text', "log.debug('nothing')")).toBe('')
})
