import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { ApiError } from '#client/core.ts'
import type { DryRunResult } from '#shared/contract/dry-run.ts'
import { dryRun } from '../../api/operations.ts'
import { formatTime } from '../../edit/time.ts'
import { formatBytes, formatSeconds, t } from '../../i18n/index.ts'
import { Notice } from '../../ui/controls.tsx'
import { errorText } from '../../ui/error-text.ts'
import { lacksHeaders } from '../item.ts'
import { areAssetsUploaded, current, learn, planned } from '../work.ts'

type Request = (typeof planned.value)[number]

/** Changes within this time are one. */
const DEBOUNCE_MS = 700
const MAX_SHOWN = 4

/** What a dry run says will come out. It runs while one edits, as soon as the source has been uploaded. */
export function Estimate() {
  const result = useSignal<DryRunResult | undefined>(undefined)
  const problem = useSignal<string | undefined>(undefined)
  /** Whether what is shown is about an earlier recipe. */
  const isStale = useSignal(false)

  const running = useRef<{ request: Request; stop: AbortController } | undefined>(undefined)
  const wanted = useRef<Request | undefined>(undefined)

  useSignalEffect(() => {
    const request = planned.value.find(({ items }) => current.value && items.includes(current.value))
    const isReady =
      areAssetsUploaded.value &&
      request?.items.every(
        (item) => !lacksHeaders(item) && (item.upload?.state.value ?? 'complete') === 'complete',
      )
    wanted.current = isReady ? request : undefined
    // What it finds out about a source is needed also when the recipe has changed meanwhile.
    const { current: now } = running
    if (!now?.request.items.some((item) => wanted.current?.items.includes(item))) now?.stop.abort()
    if (!isReady) {
      result.value = undefined
      return
    }
    isStale.value = true
    const timer = setTimeout(run, DEBOUNCE_MS)
    return () => clearTimeout(timer)
  })

  useEffect(() => () => running.current?.stop.abort(), [])

  /** One after the other: an account has one dry run at a time. */
  async function run() {
    const request = wanted.current
    if (!request || running.current) return
    const stop = new AbortController()
    running.current = { request, stop }
    try {
      const reply = await dryRun(request.body, stop.signal)
      result.value = reply
      isStale.value = wanted.current !== request
      problem.value = reply.problem ? errorText(reply.problem) : undefined
      learn(reply, request.items)
    } catch (error) {
      if (stop.signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      result.value = undefined
      problem.value = undefined
      // The service is busy, or cannot be reached: the estimate is a courtesy.
      if (error.retryable) return
      problem.value = errorText(error)
      learn({ sources: null, problem: error }, request.items)
    } finally {
      running.current = undefined
      if (!stop.signal.aborted && wanted.current !== request) run()
    }
  }

  if (problem.value) return <Notice>{problem.value}</Notice>
  const { outputs, estimated_seconds: seconds } = result.value ?? {}
  if (!outputs || outputs.length === 0) return null
  const bytes = outputs.reduce((sum, { estimated_bytes }) => sum + estimated_bytes, 0)
  return (
    <div class="estimate" role="status" aria-busy={isStale.value}>
      {outputs.slice(0, MAX_SHOWN).map(({ name, seconds: length, width, height }) => (
        <p key={name} class="numbers">
          <span class="name">{name}</span>
          <span class="muted">
            {length !== null && formatTime(length)}
            {width !== null && ` · ${width}×${height}`}
          </span>
        </p>
      ))}
      {outputs.length > MAX_SHOWN && <p class="muted">+ {outputs.length - MAX_SHOWN}</p>}
      {seconds != null && (
        <p class="hint">
          {t('make.estimate', { bytes: formatBytes(bytes), time: formatSeconds(Math.max(1, seconds)) })}
        </p>
      )}
    </div>
  )
}
