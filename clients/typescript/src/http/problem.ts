import { CutroomError, type FieldError } from '../errors.ts'

type Problem = { code: string; detail?: string; title?: string; request_id?: string; errors?: FieldError[] }

/** The error that an unsuccessful reply describes. Reads its body. */
export async function toError(response: Response, action: string): Promise<CutroomError> {
  const { status } = response
  const text = await response.text().catch(() => '')
  const problem = parseProblem(text)
  if (!problem) return unexpectedReply(response, action)
  const seconds = Number(response.headers.get('retry-after'))
  return new CutroomError(problem.code, problem.detail ?? problem.title ?? `${action} failed.`, {
    status,
    errors: problem.errors,
    requestId: problem.request_id,
    retryAfter: seconds > 0 ? seconds : undefined,
  })
}

/** A reply that is none of Cutroom's: mostly of a proxy, or of another program. Proxies answer 5xx while a service restarts. */
export function unexpectedReply({ status, url }: Response, action: string): CutroomError {
  const code = status >= 500 ? 'client.connection_failed' : 'client.reply_unexpected'
  const address = url ? new URL(url).host : 'the service'
  return new CutroomError(code, `${action} failed: ${address} replied ${status}, without a description.`, {
    status,
  })
}

function parseProblem(text: string): Problem | undefined {
  try {
    const value = JSON.parse(text)
    return typeof value?.code === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
