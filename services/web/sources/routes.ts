import { randomUUID } from 'node:crypto'
import type { Config } from '#shared/config.ts'
import { operations } from '#shared/contract/operations.ts'
import { CutroomError } from '#shared/errors.ts'
import { whileConnected } from '#shared/http/while-connected.ts'
import type { RateLimiter } from '#shared/limits/rate-limiter.ts'
import type { Route } from '../http/operation-router.ts'
import { type LinkFields, linkProblem, signLink } from '../http/signed-link.ts'
import { PREVIEW_BLOCKS } from '../limits/limits.ts'
import { checkSource } from '../tasks/check-sources.ts'
import type { LinkedSource, LinkRepository } from './link-repository.ts'
import { createPreviewStreams } from './preview-streams.ts'
import { createReadBlock, type ReadBlock } from './read-block.ts'
import { sendPreview } from './send-preview.ts'

export type SourcesDeps = {
  config: Config
  sourceLinks: LinkRepository
  limiter: RateLimiter
  /** Aborted when the service begins to shut down. */
  stopping: AbortSignal
}

/** Enough to tell a page from a file. */
const CHECKED_BYTES = 1024
/** How long one reply may take. */
const MAX_STREAM_MS = 600_000
const IDLE_MS = 30_000
/** An editor has two players of what it shows. */
const STREAMS_PER_USER = 6
/** Of all requests that a process can work on, event streams have half. */
const STREAMS_PER_EVENT_STREAM = 0.5

/** Mounts previews of sources that are URLs, by a signed link: players send no token. */
export function mountSources(route: Route, deps: SourcesDeps): void {
  const { config, sourceLinks: links, limiter, stopping } = deps
  const read = createReadBlock(config)
  const streams = createPreviewStreams({
    perUser: STREAMS_PER_USER,
    inAll: Math.max(1, Math.floor(config.limits.eventStreams.inAll * STREAMS_PER_EVENT_STREAM)),
  })

  route(operations.linkSource, async ({ user, body, res }) => {
    const { url, headers, expires_in } = body
    checkSource('linkSource', body, config)
    const id = randomUUID()
    const expiresAt = new Date(Math.floor(Date.now() / 1000 + expires_in) * 1000)
    const source = { userId: user.id, url, headers }
    await links.create({ ...source, id, expiresAt })
    const query = signLink(fieldsOf(id), expiresAt, config.auth.secrets[0] ?? '')
    return whileConnected(res, async (closed) => ({
      status: 201,
      body: {
        url: `${config.publicUrl}/previews/sources/${id}?${query}`,
        expires_at: expiresAt.toISOString(),
        problem: await problemOf(source, read, AbortSignal.any([closed, stopping])),
      },
    }))
  })

  route(operations.getSourcePreview, async ({ params, query, req, res }) => {
    const problem = linkProblem(fieldsOf(params.id), query, config.auth.secrets, new Date())
    if (problem) throw linkInvalid(problem)
    const source = await links.find(params.id)
    if (!source) throw linkInvalid('has ended: newer ones have replaced it')
    const { userId, url } = source
    const stream = streams.open(userId)
    const gone = new AbortController()
    res.once('close', () => {
      stream.close()
      gone.abort()
    })
    const signal = AbortSignal.any([gone.signal, stream.signal, stopping, AbortSignal.timeout(MAX_STREAM_MS)])
    res.set('Cache-Control', 'private, no-store')
    // Even if a browser took the file for a page, it would run nothing.
    res.set('Content-Security-Policy', "default-src 'none'; media-src 'self'; img-src 'self'; sandbox")
    const readNext = async (start: number, bytes: number) => {
      await countBlock(limiter, userId)
      return read(requestFor(source, start, bytes), signal)
    }
    try {
      await sendPreview({ req, res, signal, idleMs: IDLE_MS, name: nameOf(url), read: readNext })
    } catch (error) {
      // Players leave whenever they seek.
      if (!gone.signal.aborted) throw error
    }
    return undefined
  })
}

const fieldsOf = (id: string): LinkFields => ({ purpose: 'cutroom-source', fields: [id] })

const linkInvalid = (problem: string) =>
  new CutroomError('source.link_invalid', `The link ${problem}. Create a new one.`)

/** What a URL ends with. */
const nameOf = (url: string) => new URL(url).pathname.split('/').at(-1) || 'source'

const requestFor = ({ userId, url, headers }: LinkedSource, start: number, bytes: number) => ({
  user_id: userId,
  url,
  ...(headers && { headers }),
  start,
  end: start + bytes - 1,
})

/** Why a source cannot be read at the moment; null when it can. */
async function problemOf(source: LinkedSource, read: ReadBlock, signal: AbortSignal) {
  try {
    await read(requestFor(source, 0, CHECKED_BYTES), signal)
    return null
  } catch (error) {
    if (!(error instanceof CutroomError)) throw error
    return { code: error.code, message: error.message }
  }
}

async function countBlock(limiter: RateLimiter, userId: string): Promise<void> {
  const { allowed, retryAfterMs } = await limiter.use(PREVIEW_BLOCKS, userId)
  if (allowed) return
  const seconds = Math.ceil(retryAfterMs / 1000)
  throw new CutroomError(
    'request.rate_limited',
    `Previews have read as much as they may for your account at the moment; try again in ${seconds} s.`,
    { headers: { 'Retry-After': String(seconds) } },
  )
}
