import type { ApiError } from '../api/problem.ts'
import { formatSeconds, isText, t } from '../i18n/index.ts'

/** An error in words: the page's own for what people meet often, the service's for the rest. */
export function errorText(error: ApiError): string {
  const name = `error.${error.code}`
  if (isText(name)) return t(name, { seconds: formatSeconds(error.retryAfter ?? 10) })
  return error.message
}
