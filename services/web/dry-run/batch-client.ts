import { setTimeout } from 'node:timers/promises'
import type { z } from 'zod'
import type { Config } from '#shared/config.ts'
import { type DryRunRequest, DryRunResult } from '#shared/contract/dry-run.ts'
import { Problem } from '#shared/contract/problem.ts'
import { CATALOGUE, CutroomError, type ErrorCode } from '#shared/errors.ts'
import { type AuthorizeBatch, authorizeWithIdToken } from './batch-token.ts'

/** Asks batch, which has the media tools, for something about files of a user. */
export type BatchCall<Request extends { user_id: string }, Result> = (
  request: Request,
  signal: AbortSignal,
) => Promise<Result>

/**
 * Asks batch for a dry run.
 * @throws CutroomError the problem that batch found with the request, under batch's code; `dry_run.unavailable` when
 * batch is unreachable, busy or failing.
 */
export type BatchClient = BatchCall<DryRunRequest, DryRunResult>

/** What is asked for: its path, its name in errors, and the code of what went wrong between the services. */
export type BatchService = {
  path: string
  name: string
  unavailable: Extract<ErrorCode, `${string}.unavailable`>
}

export const DRY_RUN: BatchService = {
  path: '/dry-run',
  name: 'dry run',
  unavailable: 'dry_run.unavailable',
}

/** Batch gives up after 46 s at most, and a new instance of it may take some seconds to start. */
const TIMEOUT_MS = 50_000
/** Other instances of web use batch, too. */
const BUSY_RETRIES = 3
const BUSY_RETRY_MS = 500
const RETRY_AFTER_SECONDS = '5'

/** A client that authenticates with the shared secret locally, and with an OIDC token in the cloud. */
export function createBatchClient(config: Config): BatchClient {
  const call = createBatchCaller(config, DRY_RUN)
  return (request, signal) => call(request, DryRunResult, signal)
}

/** Sends requests to one path of batch, and parses the replies. */
export function createBatchCaller(config: Config, service: BatchService) {
  const send = createBatchSender(config, service)
  return async <Result>(
    request: unknown,
    result: z.ZodType<Result>,
    signal: AbortSignal,
  ): Promise<Result> => {
    const { body, status } = await send(request, signal)
    if (status !== 200) throw unavailable(service, `the batch service replied ${status}`)
    const { data, error } = result.safeParse(parseJson(body))
    if (data !== undefined) return data
    throw unavailable(service, `the reply of the batch service is no ${service.name} result`, error)
  }
}

/**
 * Sends requests to one path of batch, and again when it is busy.
 * @throws CutroomError batch's problem with the request, and the `unavailable` of the service for anything else but success
 */
export function createBatchSender(
  { queue: { batchUrl }, push: { secret, audience } }: Config,
  service: BatchService,
): (request: unknown, signal: AbortSignal) => Promise<BatchReply> {
  const authorize: AuthorizeBatch = secret
    ? async () => `Bearer ${secret}`
    : authorizeWithIdToken(audience ?? batchUrl, service)
  return async (request, signal) => {
    const ask = async () =>
      post(service, batchUrl, {
        headers: { 'Content-Type': 'application/json', Authorization: await authorize() },
        body: JSON.stringify(request),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        // A redirect would send the token to another host.
        redirect: 'error',
      })
    let reply = await ask()
    for (let i = 0; i < BUSY_RETRIES && reply.status === 429; i++) {
      await setTimeout(BUSY_RETRY_MS, undefined, { signal })
      reply = await ask()
    }
    if (reply.status >= 300) throw toError(service, reply)
    return reply
  }
}

export type BatchReply = { status: number; headers: Headers; body: Buffer }

async function post(service: BatchService, batchUrl: string, request: RequestInit): Promise<BatchReply> {
  try {
    const response = await fetch(batchUrl + service.path, { method: 'POST', ...request })
    const body = Buffer.from(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, body }
  } catch (cause) {
    throw unavailable(service, 'the batch service did not reply', cause)
  }
}

/** Undefined for what is no JSON. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** Batch's problem with the request as an error of web; anything that went wrong between the services is a 503. */
function toError(service: BatchService, { status, headers, body }: BatchReply): CutroomError {
  const { data: problem } = Problem.safeParse(parseJson(body))
  if (problem && isAboutRequest(status) && isKnown(problem.code)) {
    const range = headers.get('content-range')
    return new CutroomError(problem.code, problem.detail, {
      ...(problem.errors && { fields: problem.errors }),
      ...(range !== null && { headers: { 'Content-Range': range } }),
    })
  }
  return unavailable(
    service,
    `the batch service replied ${[status, problem?.code].filter(Boolean).join(' ')}`,
  )
}

const isAboutRequest = (status: number) => status < 500 && ![401, 403, 429].includes(status)

const isKnown = (code: string): code is ErrorCode => Object.hasOwn(CATALOGUE, code)

export const unavailable = (service: BatchService, reason: string, cause?: unknown) =>
  new CutroomError(
    service.unavailable,
    `The ${service.name} failed: ${reason}. Try again in ${RETRY_AFTER_SECONDS} s.`,
    { cause, headers: { 'Retry-After': RETRY_AFTER_SECONDS } },
  )
