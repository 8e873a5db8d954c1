import type { Problem } from '#shared/contract/problem.ts'

/** An error reply of the API, or a request that got none (`status` 0, code `network`). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  /** Messages by JSON path. */
  readonly fields: Record<string, string>
  /** Seconds to wait before another try, when the service says so. */
  readonly retryAfter: number | undefined

  constructor(problem: Pick<Problem, 'status' | 'code' | 'detail' | 'errors'>, retryAfter?: number) {
    super(problem.detail)
    this.status = problem.status
    this.code = problem.code
    this.fields = Object.fromEntries((problem.errors ?? []).map(({ path, message }) => [path, message]))
    this.retryAfter = retryAfter
  }

  /** Whether the request never got a reply: offline, or the service restarts. */
  get isNetwork(): boolean {
    return this.status === 0
  }
}

export const networkError = (): ApiError =>
  new ApiError({ status: 0, code: 'network', detail: 'The service could not be reached.' })

/** The error that a reply describes; proxies answer without a problem document. */
export async function errorOf(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => undefined)) as Partial<Problem> | undefined
  const { code = 'unknown', detail = `${response.status} ${response.statusText}`, errors } = problem ?? {}
  const retryAfter = Number(response.headers.get('retry-after')) || undefined
  return new ApiError({ status: response.status, code, detail, ...(errors && { errors }) }, retryAfter)
}
