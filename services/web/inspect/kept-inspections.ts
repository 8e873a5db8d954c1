import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { INSPECTIONS, type Inspection, type InspectionResult } from '#shared/contract/inspect/inspection.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'

export type KeptInspections = {
  /**
   * What was found before, or what `inspect` finds now, which is kept if it is complete. `prefix`: of the object's key; whoever
   * removes the file removes all objects with it. `isNeeded`: whether the file is still there, asked afterwards.
   */
  get(
    prefix: string,
    what: Inspection,
    inspect: () => Promise<InspectionResult>,
    isNeeded: () => Promise<boolean>,
  ): Promise<InspectionResult>
}

/** Keeps what batch has found in the storage, beside the files. */
export function keptInspections(
  storage: Pick<Storage, 'stat' | 'read' | 'create' | 'remove'>,
  log: Logger,
): KeptInspections {
  async function find(key: string, what: Inspection) {
    if (!(await storage.stat(key))) return undefined
    const { data } = INSPECTIONS[what].safeParse(JSON.parse(await text(await storage.read(key))))
    return data
  }

  async function keep(key: string, found: object, isNeeded: () => Promise<boolean>) {
    try {
      await storage.create(key, Readable.from([Buffer.from(JSON.stringify(found))]), {
        contentType: 'application/json',
      })
      if (!(await isNeeded())) await storage.remove(key)
    } catch (error) {
      if (error instanceof CutroomError && error.code === 'storage.exists') return
      log.warn('what was read of a file was not kept', { key, error })
    }
  }

  return {
    async get(prefix, what, inspect, isNeeded) {
      const key = `${prefix}.${what}.json`
      const kept = await find(key, what)
      if (kept) return kept
      const found = await inspect()
      if (found.complete) await keep(key, found, isNeeded)
      return found
    },
  }
}
