import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type Express, type RequestHandler, Router, static as serveStatic } from 'express'
import type { Config } from '#shared/config.ts'
import { pagePolicy } from './policy.ts'

/** Where `scripts/build-page.mjs` writes the page. */
const BUILT = join(import.meta.dirname, 'built')
const YEAR_MS = 31_536_000_000

const ENCODINGS = [
  { token: 'br', extension: '.br' },
  { token: 'gzip', extension: '.gz' },
] as const

/**
 * Serves the page at `/` and its files below `/assets/`, compressed ahead by the build. The names of the files contain hashes of
 * their content, so browsers keep them for a year and ask only for the page itself. `/` is the page for browsers alone: a client
 * that accepts anything, such as curl, gets the usual 404.
 */
export function mountPage(app: Express, config: Config, dir = BUILT): void {
  const router = Router()
  const policy = pagePolicy(config.storage)
  router.get('/', acceptsHtml, (_req, res, next) => {
    res.set({ 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy })
    res.sendFile('index.html', { root: dir, cacheControl: false }, (error) => error && next())
  })
  const assets = join(dir, 'assets')
  const options = { index: false, redirect: false, immutable: true, maxAge: YEAR_MS } as const
  router.use('/assets', precompressed(assets), serveStatic(assets, options))
  app.use(router)
}

const acceptsHtml: RequestHandler = (req, res, next) => {
  res.vary('Accept')
  if (req.accepts(['json', 'html']) === 'html') next()
  else next('router')
}

/** Chooses the compressed file beside the requested one, if the client takes it. */
function precompressed(dir: string): RequestHandler {
  // Unit tests create the app where no page has been built.
  const names = new Set(existsSync(dir) ? readdirSync(dir) : [])
  return (req, res, next) => {
    const name = req.path.slice(1)
    if (!names.has(name)) return next()
    res.vary('Accept-Encoding')
    const encoding = ENCODINGS.find(
      ({ token, extension }) => names.has(name + extension) && req.acceptsEncodings(token) === token,
    )
    if (encoding) {
      req.url += encoding.extension
      res.type(extname(name)).set('Content-Encoding', encoding.token)
    }
    next()
  }
}
