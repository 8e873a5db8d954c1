import { randomUUID } from 'node:crypto'
import type { Client } from '../../client.ts'
import { CutroomError } from '../../errors.ts'
import type { Context } from '../command.ts'
import { toTask } from '../edit.ts'
import { sourceRef } from './edit-options.ts'
import type { Work } from './work.ts'

/**
 * Has the service check what is to be rendered before a file is uploaded: it is asked about an upload that does not exist, and
 * reports everything else first.
 * @throws CutroomError `request.invalid` with the fields that are wrong.
 */
export async function checkEdit({ inputs, edit }: Work, client: Client, { signal }: Context): Promise<void> {
  if (inputs.every(sourceRef)) return
  const sources = inputs.map((input) => sourceRef(input) ?? { upload_id: randomUUID() })
  try {
    await client.tasks.plan(toTask(sources, edit), { signal })
  } catch (error) {
    if (!(error instanceof CutroomError) || error.code !== 'upload.not_found') throw error
  }
}
