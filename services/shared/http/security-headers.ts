import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** Replies of an API load nothing and are never framed: https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html */
export const API_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'"

/**
 * Middleware that sets the security headers of every reply. `isTls`: whether clients use TLS; only then may there be HSTS,
 * or browsers could no longer open the service.
 */
export const securityHeaders = ({ isTls }: { isTls: boolean }): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: isTls ? { maxAge: ONE_YEAR } : false,
  })

const ONE_YEAR = 365 * 86_400
