import { z } from 'zod'

const DAY_S = 86_400

export const CreateUploadLink = z
  .strictObject({
    expires_in: z
      .int()
      .min(60)
      .max(DAY_S)
      .default(3600)
      .meta({ description: 'Seconds until the link expires: at most a day.', example: 3600 }),
  })
  .meta({ id: 'CreateUploadLink' })

export const UploadLink = z
  .object({
    url: z.url().meta({ description: 'Plays or shows the file without a token.' }),
    expires_at: z.iso.datetime().meta({ description: 'When the link expires.' }),
  })
  .meta({ id: 'UploadLink' })

export type UploadLink = z.infer<typeof UploadLink>
