import type { Express, RequestHandler } from 'express'
import swaggerUi from 'swagger-ui-express'

/**
 * Serves Swagger UI at /docs. It reads /openapi.json, loads nothing from other hosts, and forgets the token
 * entered under Authorize when it is closed.
 */
export function mountApiDocs(app: Express): void {
  const options = {
    customSiteTitle: 'Cutroom API',
    customCss: '.swagger-ui .topbar { display: none }',
    swaggerOptions: {
      url: '/openapi.json',
      persistAuthorization: false,
      // Otherwise the document would be sent to validator.swagger.io.
      validatorUrl: null,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      requestInterceptor: useOwnOrigin,
    },
  }
  app.use('/docs', allowOwnFiles, swaggerUi.serve, swaggerUi.setup(undefined, options))
}

/** Swagger UI sets styles inline and has icons in data URLs. Everything else comes from this service. */
const CONTENT_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const allowOwnFiles: RequestHandler = (_req, res, next) => {
  res.set('Content-Security-Policy', CONTENT_POLICY)
  next()
}

/**
 * Runs in the browser. The OpenAPI document names the public URL of the service, but a page opened under another name,
 * such as 127.0.0.1 for localhost, can only call its own origin.
 */
function useOwnOrigin(request: { url: string }) {
  const { location } = globalThis as unknown as { location: { origin: string; href: string } }
  const { pathname, search } = new URL(request.url, location.href)
  request.url = location.origin + pathname + search
  return request
}
