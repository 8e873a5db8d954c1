import type { WhileWaiting } from '../sources/open-source.ts'
import type { Slot } from './job-slots.ts'

/** The sources of a job that left its slot can be read now, and this worker has no slot for it. */
export class NoSlot extends Error {
  override readonly name = 'NoSlot'
}

/** How long a job keeps its slot although it only waits. */
const LEAVE_TIMEOUT_MS = 500

/**
 * Lets a job leave its slot while all of its `openings`, one for each source that it opens, wait for their hosts. Otherwise a few
 * hosts that send hardly anything could occupy every slot. An opening that fails while it waits does not wait for a slot; one that
 * gets none throws NoSlot.
 */
export function leaveWhileWaiting(slot: Pick<Slot, 'leave' | 'return'>, openings: number) {
  let working = openings
  let waiting = 0
  let hasEnded = false

  const leaveIfIdle = () => {
    if (!hasEnded && waiting > 0 && working === 0) slot.leave()
  }

  const whileWaiting: WhileWaiting = async (work) => {
    let waits = false
    const stopWaiting = () => {
      clearTimeout(timer)
      if (!waits) return
      waiting -= 1
      working += 1
    }
    const timer = setTimeout(() => {
      waits = true
      waiting += 1
      working -= 1
      leaveIfIdle()
    }, LEAVE_TIMEOUT_MS)
    const result = await work().finally(stopWaiting)
    if (hasEnded || !(await slot.return())) {
      throw new NoSlot('No slot was free when the sources had answered.')
    }
    return result
  }

  return {
    /** Runs one of the openings, which tells with the function that it is given when it only waits. */
    async run<T>(opening: (whileWaiting: WhileWaiting) => Promise<T>): Promise<T> {
      try {
        return await opening(whileWaiting)
      } finally {
        working -= 1
        leaveIfIdle()
      }
    },
    /** Call it when an opening has failed: the others may run on for a while, and the slot then belongs to other work. */
    end() {
      hasEnded = true
    },
  }
}
