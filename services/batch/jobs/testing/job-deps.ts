import type { Logger } from '#shared/observability/logger.ts'
import { createRecentSet } from '#shared/recent-set.ts'
import { destinationReader } from '#shared/tasks/destinations.ts'
import { jobRepository } from '#shared/tasks/job-repository.ts'
import { sourceHeadersReader } from '#shared/tasks/source-headers.ts'
import type { TestWeb } from '#test/web-app.ts'
import type { Sources } from '../../sources/open-source.ts'
import type { JobDeps } from '../job-deps.ts'
import { createRunningJobs } from '../running-jobs.ts'
import { fakeChanges, fakeStorage, settings } from './fakes.ts'

/** What processing jobs in the database of a test needs; `media` does the work. */
export const jobDeps = (
  { database, config }: Pick<TestWeb, 'database' | 'config'>,
  given: { media: JobDeps['media']; sources: Sources; scratchDir: string; log: Logger },
): JobDeps => ({
  jobs: jobRepository(database, { leaseMs: 60_000, orphanGraceMs: 60_000, republishAfterMs: 60_000 }),
  keepSlots: createRecentSet(10),
  runningJobs: createRunningJobs(),
  changes: fakeChanges(),
  storage: fakeStorage().storage,
  sources: given.sources,
  sourceHeaders: sourceHeadersReader(database, config.sealingKeys),
  destinations: destinationReader(database, config.sealingKeys),
  delivery: { deliver: async (outputs) => outputs },
  uploads: { find: async () => [] },
  media: given.media,
  requireFit: { render: () => {}, jobs: (jobs) => jobs },
  queue: { publish: async () => {} },
  chunks: undefined,
  build: 'ffmpeg 7.1',
  settings: { ...settings, scratchDir: given.scratchDir },
  log: given.log,
})
