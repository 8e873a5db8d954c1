import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pLimit from 'p-limit'
import { kinds } from './cases/index.ts'
import { CONCURRENCY, openCorpus } from './open-corpus.ts'
import type { Outcome } from './outcome.ts'

/** The cheapest of each kind; `npm run test:corpus` runs all of them. */
const SHORT = [
  ...[
    'ts-trim-middle',
    'ts-cat',
    'aac-trim',
    'recorder-still-end-trim',
    'slides-trim-across',
    'still-end-trim',
  ],
  ...['mkv-starts-late', 'open-gop-trim', 'rotated-90', 'pcm-bluray', 'surround-51', 'hlg', 'display-p3'],
  ...['host-one-connection', 'host-page', 'mkv-truncated'],
]

let dir: string
let corpus: Awaited<ReturnType<typeof openCorpus>>
/** All cases run as in `npm run test:corpus`, several at a time; the tests wait for theirs. */
const turn = pLimit(CONCURRENCY)
const outcomes = new Map<string, Promise<Outcome>>()
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-corpus-'))
  corpus = await openCorpus(dir)
  for (const one of kinds.flatMap(({ cases }) => cases))
    if (SHORT.includes(one.id))
      outcomes.set(
        one.id,
        turn(() => corpus.run(one)),
      )
}, 60_000)
afterAll(async () => {
  await corpus?.close()
  await rm(dir, { recursive: true, force: true })
})

test.each(SHORT)(
  '%s comes out right',
  async (id) => expect(await outcomes.get(id)).toMatchObject({ deviations: [] }),
  180_000,
)
