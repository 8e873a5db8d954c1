import type { Express } from 'express'
import swaggerUi from 'swagger-ui-express'

/** The docs page at /docs: reads /openapi.json, and loads nothing from anywhere else. */
export function mountDocs(app: Express): void {
  const options = {
    customSiteTitle: 'Cutroom API',
    swaggerOptions: { url: '/openapi.json', persistAuthorization: true },
  }
  app.use('/docs', swaggerUi.serve, swaggerUi.setup(undefined, options))
}
