import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { type Express, Router } from 'express'

/** The documents, beside the services: in the repository, and where `scripts/build.ts` copies them. */
const DOCS = join(import.meta.dirname, '../../../docs')

/**
 * Serves the documents as Markdown at their paths below /docs, and /llms.txt, which lists them for language models
 * (https://llmstxt.org). Links between them work as they are.
 */
export function mountDocuments(app: Express, dir = DOCS): void {
  const names = new Set(existsSync(dir) ? globSync('**/*.{md,txt}', { cwd: dir }) : [])
  const router = Router()
  router.get(['/llms.txt', '/docs/*path'], (req, res, next) => {
    const name = req.path === '/llms.txt' ? 'llms.txt' : req.path.slice('/docs/'.length)
    // Only what was there at the start: a path cannot lead anywhere else.
    if (!names.has(name)) return next()
    res.type(name.endsWith('.md') ? 'text/markdown' : 'text/plain')
    res.sendFile(name, { root: dir, maxAge: '1h' }, (error) => error && next(error))
  })
  app.use(router)
}
