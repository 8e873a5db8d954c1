import { z } from 'zod'

/** A content type as a bucket keeps it; parameters are left out. */
const ContentType = z.string().regex(/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/)

export const UploadRequest = z
  .strictObject({
    filename: z.string().min(1).max(255).default('upload').meta({ example: 'holiday.mp4' }),
    content_type: ContentType.default('application/octet-stream').meta({ example: 'video/mp4' }),
  })
  .meta({ id: 'UploadRequest' })

export const Upload = z
  .object({
    upload_id: z.uuid().meta({ description: 'Name it in a task once the bytes are in.' }),
    method: z.literal('PUT'),
    url: z.url().meta({ description: 'PUT the bytes here: whole, or in chunks with Content-Range.' }),
    headers: z.record(z.string(), z.string()).meta({ description: 'Headers to send along.' }),
    max_bytes: z.int().meta({ description: 'More than this is refused.', example: 5_368_709_120 }),
    expires_at: z.iso.datetime().meta({ description: 'When the link ends; bytes that are in stay.' }),
  })
  .meta({ id: 'Upload' })

export type UploadRequest = z.infer<typeof UploadRequest>
export type Upload = z.infer<typeof Upload>
