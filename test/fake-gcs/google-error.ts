const reasons: Record<number, string> = {
  400: 'invalid',
  404: 'notFound',
  409: 'conflict',
  410: 'gone',
  412: 'conditionNotMet',
  416: 'requestedRangeNotSatisfiable',
  429: 'rateLimitExceeded',
  499: 'clientClosedRequest',
  501: 'notImplemented',
  503: 'backendError',
}

/** An error reply in the format of the JSON API. */
export class GoogleError extends Error {
  override readonly name = 'GoogleError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }

  /** https://cloud.google.com/storage/docs/json_api/v1/status-codes */
  toJSON() {
    const reason = reasons[this.status] ?? 'error'
    const { status: code, message } = this
    return { error: { code, message, errors: [{ message, domain: 'global', reason }] } }
  }
}
