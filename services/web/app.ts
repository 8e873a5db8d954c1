import express, { type Express } from 'express'
import { operations } from '#shared/contract/operations.ts'
import { methodNotAllowed } from '#shared/http/method-not-allowed.ts'
import { errorHandler, notFoundHandler } from '#shared/http/problems.ts'
import { requestContext } from '#shared/http/request-context.ts'
import { securityHeaders } from '#shared/http/security-headers.ts'
import { strictHttp } from '#shared/http/strict-http.ts'
import { traceRequests } from '#shared/http/trace-requests.ts'
import { measureRequests } from '#shared/observability/metrics.ts'
import { translateMissingUser } from './auth/account-deleted.ts'
import { mountAudit } from './auth/audit/routes.ts'
import { mountKeys } from './auth/keys/routes.ts'
import { createRequireUser } from './auth/require-user.ts'
import { mountAuth } from './auth/routes.ts'
import { mountSessions } from './auth/sessions/routes.ts'
import type { WebDeps } from './deps.ts'
import { mountEvents } from './events/routes.ts'
import { cors } from './http/cors.ts'
import { operationRouter } from './http/operation-router.ts'
import { mountInspect } from './inspect/routes.ts'
import { delayRefusals } from './limits/delay-refusals.ts'
import { limitRequests } from './limits/limit-requests.ts'
import { limitsOf } from './limits/limits.ts'
import { warnOfProxy } from './limits/warn-of-proxy.ts'
import { mountOutputs } from './outputs/routes.ts'
import { mountPage } from './page/mount-page.ts'
import { mountSources } from './sources/routes.ts'
import { mountApiDocs } from './system/api-docs.ts'
import { mountDocuments } from './system/documents.ts'
import { mountSystem } from './system/routes.ts'
import { mountTasks } from './tasks/routes.ts'
import { mountPreviews } from './uploads/preview/routes.ts'
import { mountUploads } from './uploads/routes.ts'
import { mountWebhooks } from './webhooks/routes.ts'

/** The Express app of the web service: every operation of the contract, the API docs and the web page. */
export function createWebApp(deps: WebDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  const { config } = deps
  app.set('trust proxy', config.trustProxy)
  app.use(traceRequests, requestContext(deps.log, config.queue.project), measureRequests)
  app.use(
    securityHeaders({ isTls: config.publicUrl.startsWith('https:') }),
    strictHttp,
    cors(config.corsOrigins),
  )

  const limits = limitsOf(deps.config.limits)
  const warn = warnOfProxy(deps.config.trustProxy, deps.log)
  const requireUser = createRequireUser(deps)
  const route = operationRouter(app, {
    requireUser,
    enterInFlight: (userId, res) => deps.requestsInFlight.enter(userId, res),
    limitRequests: (id) => limitRequests(id, limits, deps.limiter, warn),
    translateError: translateMissingUser,
  })
  mountAuth(route, deps)
  mountSessions(route, deps)
  mountKeys(route, deps)
  mountAudit(route, deps)
  mountTasks(route, { ...deps, requireUser })
  mountEvents(route, { ...deps, requireUser })
  mountOutputs(route, deps)
  mountUploads(route, deps)
  mountPreviews(route, deps)
  mountInspect(route, deps)
  mountSources(route, deps)
  mountWebhooks(route, deps)
  mountSystem(route, deps)
  mountDocuments(app)
  mountApiDocs(app)
  mountPage(app, deps.config)

  app.use(methodNotAllowed(Object.values(operations)), notFoundHandler, delayRefusals(), errorHandler)
  return app
}
