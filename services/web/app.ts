import express, { type Express } from 'express'
import helmet from 'helmet'
import { errorHandler, notFoundHandler } from '#shared/http/problems.ts'
import { requestContext } from '#shared/http/request-context.ts'
import { measureRequests } from '#shared/observability/metrics.ts'
import { translateMissingUser } from './auth/account-deleted.ts'
import { mountAudit } from './auth/audit/routes.ts'
import { mountKeys } from './auth/keys/routes.ts'
import { createRequireUser } from './auth/require-user.ts'
import { mountAuth } from './auth/routes.ts'
import { mountSessions } from './auth/sessions/routes.ts'
import type { WebDeps } from './deps.ts'
import { operationRouter } from './http/operation-router.ts'
import { limitRequests } from './limits/limit-requests.ts'
import { limitsOf } from './limits/limits.ts'
import { limitInFlight } from './limits/requests-in-flight.ts'
import { warnOfProxy } from './limits/warn-of-proxy.ts'
import { mountApiDocs } from './system/api-docs.ts'
import { mountSystem } from './system/routes.ts'
import { mountTasks } from './tasks/routes.ts'
import { mountUploads } from './uploads/routes.ts'

/** The Express app of the web service: every operation of the contract, and the API docs. */
export function createWebApp(deps: WebDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', deps.config.trustProxy)
  app.use(requestContext(deps.log, deps.config.queue.project), measureRequests, helmet(securityHeaders(deps)))

  const limits = limitsOf(deps.config.limits)
  const warn = warnOfProxy(deps.config.trustProxy, deps.log)
  const requireUser = createRequireUser(deps)
  const route = operationRouter(app, {
    requireUser,
    limitInFlight: limitInFlight(deps.config.limits.requestsInFlight),
    limitRequests: (id) => limitRequests(id, limits, deps.limiter, warn),
    translateError: translateMissingUser,
  })
  mountAuth(route, deps)
  mountSessions(route, deps)
  mountKeys(route, deps)
  mountAudit(route, deps)
  mountTasks(route, { ...deps, requireUser })
  mountUploads(route, deps)
  mountSystem(route, deps)
  mountApiDocs(app)

  app.use(notFoundHandler, errorHandler)
  return app
}

/** Locally there is no TLS: with HSTS a browser could not open the API docs. */
const securityHeaders = ({ config }: WebDeps) =>
  config.inCloud
    ? {}
    : {
        strictTransportSecurity: false as const,
        contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
      }
