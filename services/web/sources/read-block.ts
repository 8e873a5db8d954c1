import type { Config } from '#shared/config.ts'
import type { ReadSourceRequest } from '#shared/contract/inspect/source-links.ts'
import { parseContentRange } from '#shared/http/byte-ranges.ts'
import {
  type BatchCall,
  type BatchReply,
  type BatchService,
  createBatchSender,
  unavailable,
} from '../dry-run/batch-client.ts'
import { takeTurns } from '../dry-run/take-turns.ts'

const PREVIEW: BatchService = {
  path: '/read-source',
  name: 'preview',
  unavailable: 'preview.unavailable',
}

/** Reads are short, so more of them can take turns than dry runs. */
const READS_PER_DRY_RUN = 2
/** As many as a user can have open, and links that are being created. */
const WAITING_PER_USER = 10
/** Batch gives up after 15 s. */
const TIMES = { maxWaitMs: 20_000, contendedMs: 10_000 }

/** Bytes of a source. `size`: of all of it. `contentType`: what its host calls it; empty when it does not say. */
export type Block = { start: number; size: number; contentType: string; bytes: Buffer }

/** Has batch read a block of a source; users take turns. */
export type ReadBlock = BatchCall<ReadSourceRequest, Block>

/** @throws CutroomError the problem that batch found with the source, `preview.unavailable` */
export function createReadBlock(config: Config): ReadBlock {
  const send = createBatchSender(config, PREVIEW)
  return takeTurns<ReadSourceRequest, Block>(
    async (request, signal) => toBlock(await send(request, signal)),
    READS_PER_DRY_RUN * config.limits.dryRunConcurrency,
    TIMES,
    { service: PREVIEW, waitingPerUser: WAITING_PER_USER },
  )
}

function toBlock({ status, headers, body }: BatchReply): Block {
  const range = parseContentRange(headers.get('content-range') ?? undefined)
  if (status !== 206 || range?.size === undefined || range.end + 1 - range.start !== body.length) {
    throw unavailable(PREVIEW, 'the reply of the batch service is no block of a source')
  }
  return {
    start: range.start,
    size: range.size,
    contentType: headers.get('x-source-type') ?? '',
    bytes: body,
  }
}
