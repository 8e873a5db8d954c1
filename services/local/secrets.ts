import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const Secrets = z.object({ JWT_SECRET: z.string().min(32), PUSH_SECRET: z.string().min(32) })

/** The keys that the services sign tokens with and authenticate to each other with. */
export type Secrets = z.infer<typeof Secrets>

/** Loads the secrets of a data directory, which are generated once and kept, so that logins survive a restart. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, 'secrets.json')
  const stored = await readFile(file, 'utf8').catch(absent)
  if (stored !== undefined) return parse(stored, file)
  const secrets = { JWT_SECRET: random(), PUSH_SECRET: random() }
  // Written to a temporary file and renamed, so that an incomplete file is never read.
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return secrets
}

const random = () => randomBytes(36).toString('base64url')

function parse(text: string, file: string): Secrets {
  try {
    return Secrets.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(
      `${file} does not contain valid secrets; remove it to generate new ones, which ends all logins.`,
      {
        cause,
      },
    )
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
