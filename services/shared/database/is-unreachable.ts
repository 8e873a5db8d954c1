/** Prisma's codes for a server that cannot be reached: https://www.prisma.io/docs/orm/reference/error-reference */
const PRISMA_CODES = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1003',
  'P1008',
  'P1011',
  'P1017',
  'P2024',
  'P2037',
])

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'ENOENT',
  'EAI_AGAIN',
])

/** Connection exception, insufficient resources, operator intervention: the classes 08, 53 and 57P of SQLSTATE. */
const SQLSTATE = /^(08|53|57P)/

/** Errors of pg that have no code. */
const MESSAGES =
  /timeout exceeded when trying to connect|Connection terminated|not queryable|Query read timeout/i

/**
 * Whether an error, or one of its causes, means that Postgres is down, starting, stopping or full, rather than that
 * a statement is wrong: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (PRISMA_CODES.has(code) || SOCKET_CODES.has(code)) return true
  if (SQLSTATE.test(code) || SQLSTATE.test(sqlStateOf(error))) return true
  if (MESSAGES.test(error.message)) return true
  return isUnreachable(error.cause)
}

/** The SQLSTATE that Prisma's adapter keeps two levels down. */
function sqlStateOf(error: object): string {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } } }
  return String(meta?.driverAdapterError?.cause?.originalCode ?? '')
}
