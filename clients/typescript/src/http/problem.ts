import { ApiError, type ErrorDetails, type FieldError, isTemporaryStatus } from './api-error.ts'

type Problem = { code: string; detail?: string; title?: string; request_id?: string; errors?: FieldError[] }

/** Makes an error; `CutroomError` where the catalogue of errors is part of the program. */
export type Fail = (code: string, detail: string, details?: ErrorDetails) => ApiError

export const plainError: Fail = (code, detail, details) => new ApiError(code, detail, details)

/** The error that an unsuccessful reply describes. Reads its body. */
export async function toError(response: Response, action: string, fail: Fail): Promise<ApiError> {
  const { status } = response
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined
  if (typeof problem?.code !== 'string') return unexpectedReply(response, action, fail)
  const { code, detail, title, errors, request_id: requestId } = problem
  return fail(code, detail ?? title ?? `${action} failed.`, {
    status,
    errors,
    requestId,
    retryAfter: secondsOf(response),
  })
}

/** A reply that is none of Cutroom's: mostly of a proxy, or of another program. Proxies answer 5xx while a service restarts. */
export function unexpectedReply(response: Response, action: string, fail: Fail): ApiError {
  const { status, url } = response
  const code = isTemporaryStatus(status) ? 'client.connection_failed' : 'client.reply_unexpected'
  const address = url ? new URL(url).host : 'the service'
  return fail(code, `${action} failed: ${address} replied ${status}, without a description.`, {
    status,
    retryAfter: secondsOf(response),
  })
}

const secondsOf = ({ headers }: Response) => Number(headers.get('retry-after')) || undefined
