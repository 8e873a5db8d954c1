import type { Config } from '#shared/config.ts'
import { type DryRunRequest, DryRunResult } from '#shared/contract/dry-run.ts'
import { Problem } from '#shared/contract/problem.ts'
import { CATALOGUE, CutroomError, type ErrorCode } from '#shared/errors.ts'
import { type BatchHeaders, idTokenHeaders } from './batch-token.ts'

/**
 * Asks batch what a recipe would make. Throws what batch found wrong, under its own code, and `dry_run.unavailable`
 * when batch cannot be reached, is busy, or fails: web has none of the tools that look at media.
 */
export type BatchClient = (request: DryRunRequest, signal: AbortSignal) => Promise<DryRunResult>

/** Batch gives up after 30 s; a new instance of it may take some seconds to start. */
const PATIENCE_MS = 45_000
/** Seconds after which somebody may ask again. */
const AGAIN_S = '5'

/** A way to batch: with the shared secret on one computer, with an OIDC token in the cloud. */
export function createBatchClient({ queue: { batchUrl }, push: { secret, audience } }: Config): BatchClient {
  const show: BatchHeaders = secret ? async () => `Bearer ${secret}` : idTokenHeaders(audience ?? batchUrl)
  return async (request, signal) => {
    const headers = { 'Content-Type': 'application/json', Authorization: await show() }
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    const reply = await post(`${batchUrl}/dry-run`, headers, request, patience)
    if (reply.status === 200) return readPlan(reply.body)
    throw asOwn(reply)
  }
}

type Reply = { status: number; body: unknown }

async function post(
  url: string,
  headers: Record<string, string>,
  request: DryRunRequest,
  signal: AbortSignal,
): Promise<Reply> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(request),
      signal,
      // Nobody but batch may see the token.
      redirect: 'error',
    })
    const text = await response.text()
    return { status: response.status, body: isJson(response) ? JSON.parse(text) : undefined }
  } catch (cause) {
    throw unavailable('it did not answer', cause)
  }
}

const isJson = ({ headers }: Response) => /[/+]json\b/.test(headers.get('content-type') ?? '')

function readPlan(body: unknown): DryRunResult {
  const { data, error } = DryRunResult.safeParse(body)
  if (data) return data
  throw unavailable('its answer is no plan', error)
}

/** Batch's refusal as web's own. What is the matter between the two services is nothing of the caller's. */
function asOwn({ status, body }: Reply): CutroomError {
  const { data: problem } = Problem.safeParse(body)
  const code = problem?.code
  const isTheirs = status < 500 && status !== 429 && status !== 401 && status !== 403
  if (!isTheirs || code === undefined || !isKnown(code))
    return unavailable(`it answered ${status} ${code ?? ''}`.trim())
  return new CutroomError(code, problem?.detail ?? '', problem?.errors && { fields: problem.errors })
}

const isKnown = (code: string): code is ErrorCode => Object.hasOwn(CATALOGUE, code)

const unavailable = (why: string, cause?: unknown) =>
  new CutroomError('dry_run.unavailable', `Batch was asked for a plan, and ${why}. Try again in a moment.`, {
    cause,
    headers: { 'Retry-After': AGAIN_S },
  })
