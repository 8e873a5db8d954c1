import { abortQuick } from './abort-quick.ts'
import { backlogNoFailure } from './backlog-no-failure.ts'
import { deadWorkerNoticed } from './dead-worker-noticed.ts'
import { deployInterruptsNobody } from './deploy-interrupts-nobody.ts'
import { dividedOnce } from './divided-once.ts'
import { longWorkContinues } from './long-work-continues.ts'
import { noTaskLost } from './no-task-lost.ts'
import { oneResultEach } from './one-result-each.ts'
import { poisonChunk } from './poison-chunk.ts'
import { poisonNeverBlocks } from './poison-never-blocks.ts'
import { queueMayStop } from './queue-may-stop.ts'
import { repeatedCreate } from './repeated-create.ts'
import type { Scenario } from './scenario.ts'
import { storeMayStutter } from './store-may-stutter.ts'

/** Every scenario, in the order of the table. */
export const scenarios: Scenario[] = [
  noTaskLost,
  oneResultEach,
  deadWorkerNoticed,
  abortQuick,
  repeatedCreate,
  backlogNoFailure,
  poisonNeverBlocks,
  deployInterruptsNobody,
  storeMayStutter,
  queueMayStop,
  longWorkContinues,
  dividedOnce,
  poisonChunk,
]
