import type { Express } from 'express'
import swaggerUi from 'swagger-ui-express'

/**
 * The docs page at /docs: reads /openapi.json, and loads nothing from anywhere else. The token given under
 * Authorize is remembered by the browser.
 */
export function mountApiDocs(app: Express): void {
  const options = {
    customSiteTitle: 'Cutroom API',
    customCss: '.swagger-ui .topbar { display: none }',
    swaggerOptions: {
      url: '/openapi.json',
      persistAuthorization: true,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      requestInterceptor: stayHere,
    },
  }
  app.use('/docs', swaggerUi.serve, swaggerUi.setup(undefined, options))
}

/**
 * Runs in the browser. The document names the service by its public address; a page opened by another name,
 * 127.0.0.1 instead of localhost for one, may only call the origin it came from.
 */
function stayHere(request: { url: string }) {
  const { location } = globalThis as unknown as { location: { origin: string; href: string } }
  const { pathname, search } = new URL(request.url, location.href)
  request.url = location.origin + pathname + search
  return request
}
