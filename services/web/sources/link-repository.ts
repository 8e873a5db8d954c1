import type { SourceHeaders } from '#shared/contract/recipe/source-headers.ts'
import type { Database } from '#shared/database/database.ts'
import { type SealingKeys, seal, unseal } from '#shared/seal.ts'
import { requireKey, wrongKey } from '#shared/tasks/source-headers.ts'

/** What a link shows, and whose it is. */
export type LinkedSource = { userId: string; url: string; headers?: SourceHeaders | undefined }

/** The table source_links. The sweep deletes what has expired. */
export type LinkRepository = {
  /**
   * Records a link, its headers encrypted for it alone. Of its user, the latest 100 are kept.
   * @throws CutroomError `source.headers_disabled` for headers without a key
   */
  create(link: LinkedSource & { id: string; expiresAt: Date }): Promise<void>
  /** Undefined when there is none, or not any more. @throws CutroomError `service.wrong_key` when no key decrypts its headers */
  find(id: string): Promise<LinkedSource | undefined>
}

const MAX_PER_USER = 100

export function linkRepository(
  { query }: Pick<Database, 'query'>,
  { sealingKeys }: { sealingKeys: SealingKeys },
): LinkRepository {
  return {
    async create({ id, userId, url, headers = {}, expiresAt }) {
      const hasHeaders = Object.keys(headers).length > 0
      if (hasHeaders) requireKey(sealingKeys)
      await query(
        `WITH older AS (
           DELETE FROM source_links WHERE id IN (
             SELECT id FROM source_links WHERE user_id = $2 ORDER BY created_at DESC OFFSET $6
           )
         )
         INSERT INTO source_links (id, user_id, url, headers, expires_at) VALUES ($1, $2, $3, $4, $5)`,
        [
          ...[id, userId, url],
          hasHeaders ? seal(JSON.stringify(headers), id, sealingKeys) : null,
          expiresAt,
          MAX_PER_USER - 1,
        ],
      )
    },

    async find(id) {
      const [row] = await query<{ user_id: string; url: string; headers: Buffer | null }>(
        'SELECT user_id, url, headers FROM source_links WHERE id = $1 AND expires_at > now()',
        [id],
      )
      if (!row) return undefined
      const source = { userId: row.user_id, url: row.url }
      if (!row.headers) return source
      const text = unseal(row.headers, id, sealingKeys)
      if (text === undefined) throw wrongKey(sealingKeys, 'web')
      return { ...source, headers: JSON.parse(text) }
    },
  }
}
