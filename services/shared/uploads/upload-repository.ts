import type { Database } from '../database/database.ts'

/** A file that a user brought, or is about to bring. `objectKey` says where in storage. */
export type UploadRow = {
  id: string
  userId: string
  objectKey: string
  filename: string
  contentType: string
}

export const uploadKey = (userId: string, uploadId: string): string => `uploads/${userId}/${uploadId}`

/** Those of the uploads that exist and belong to the user. */
export function findUploads({ prisma }: Database, userId: string, ids: string[]): Promise<UploadRow[]> {
  if (ids.length === 0) return Promise.resolve([])
  return prisma.upload.findMany({ where: { userId, id: { in: ids } } })
}
