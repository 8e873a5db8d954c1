import express, { type Express } from 'express'
import helmet from 'helmet'
import { errorHandler, notFoundHandler } from '#shared/http/problems.ts'
import { requestContext } from '#shared/http/request-context.ts'
import { measureRequests } from '#shared/observability/metrics.ts'
import { createRequireUser } from './auth/require-user.ts'
import { mountAuth } from './auth/routes.ts'
import type { WebDeps } from './deps.ts'
import { operationRouter } from './http/operation-router.ts'
import { mountApiDocs } from './system/api-docs.ts'
import { mountSystem } from './system/routes.ts'
import { mountTasks } from './tasks/routes.ts'
import { mountUploads } from './uploads/routes.ts'

/** The web service: people and requests. */
export function createWebApp(deps: WebDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(requestContext(deps.log, deps.config.queue.project), measureRequests, helmet(securityHeaders(deps)))

  const mount = operationRouter(app, createRequireUser(deps.tokens, deps.accounts))
  mountAuth(mount, deps)
  mountTasks(mount, deps)
  mountUploads(mount, deps)
  mountSystem(mount, deps)
  mountApiDocs(app)

  app.use(notFoundHandler, errorHandler)
  return app
}

/** On one computer there is no TLS: telling a browser to insist on it would lock people out of the docs. */
const securityHeaders = ({ config }: WebDeps) =>
  config.inCloud
    ? {}
    : {
        strictTransportSecurity: false as const,
        contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
      }
