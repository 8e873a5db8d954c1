import type { Query } from '../database/database.ts'
import { CutroomError } from '../errors.ts'

/** Limits per user: uploads without their bytes, all uploads, bytes of all uploads together. */
export type UploadQuotas = { open: number; uploads: number; bytes: number }

/** What is to be added: a new upload, unless the bytes are those of upload `id`; and bytes that are announced. */
export type Addition = { id?: string; bytes: number }

/** More requests of one user than can be between the check and their commit at the same time. */
const MAX_CONCURRENT = 100

type Usage = { open: number; uploads: number; bytes: number }

/**
 * Checks the user's upload quotas, in the transaction that then records the addition: where quotas are nearly used up, or bytes
 * are added, concurrent requests wait for each other.
 *
 * @throws CutroomError `upload.quota_exceeded`, naming the quota.
 */
export async function enforceUploadQuota(
  query: Query,
  userId: string,
  addition: Addition,
  quotas: UploadQuotas,
): Promise<void> {
  const isFar = ({ open, uploads }: Usage) =>
    open < quotas.open - MAX_CONCURRENT && uploads < quotas.uploads - MAX_CONCURRENT
  const usage = await usageOf(query, userId, addition)
  if (addition.bytes === 0 && usage.bytes < quotas.bytes && isFar(usage)) return
  await query(`SELECT pg_advisory_xact_lock(hashtextextended('upload-quota ' || $1, 0))`, [userId])
  const issue = quotaIssue(await usageOf(query, userId, addition), addition, quotas)
  if (issue) throw quotaExceeded(issue)
}

/** Which quota an addition would exceed. */
export function quotaIssue(usage: Usage, { id, bytes }: Addition, quotas: UploadQuotas): string | undefined {
  const isNew = id === undefined
  if (isNew && usage.open >= quotas.open) return `${quotas.open} uploads whose bytes have not arrived`
  if (isNew && usage.uploads >= quotas.uploads) return `${quotas.uploads} uploads`
  const isOver = bytes > 0 ? usage.bytes + bytes > quotas.bytes : usage.bytes >= quotas.bytes
  return isOver ? `${quotas.bytes} bytes in uploads` : undefined
}

async function usageOf(query: Query, userId: string, { id }: Addition): Promise<Usage> {
  const [row] = await query<Record<keyof Usage, string>>(
    `SELECT count(*) AS uploads, count(*) FILTER (WHERE received_at IS NULL) AS open,
       coalesce(sum(bytes) FILTER (WHERE id IS DISTINCT FROM $2), 0) AS bytes
     FROM uploads WHERE user_id = $1`,
    [userId, id ?? null],
    'upload-quota',
  )
  return { open: Number(row?.open), uploads: Number(row?.uploads), bytes: Number(row?.bytes) }
}

const quotaExceeded = (quota: string) =>
  new CutroomError(
    'upload.quota_exceeded',
    `You have reached the limit of ${quota}; delete some with DELETE /uploads/{id}, or wait until they expire.`,
  )
