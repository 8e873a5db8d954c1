import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const Secrets = z.object({ JWT_SECRET: z.string().min(32), PUSH_SECRET: z.string().min(32) })

/** What the services sign and recognise each other with. */
export type Secrets = z.infer<typeof Secrets>

/** The secrets of this data directory, made on its first use and kept, so that logins outlive a restart. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, 'secrets.json')
  const kept = await readFile(file, 'utf8').catch(absent)
  if (kept !== undefined) return parse(kept, file)
  const secrets = { JWT_SECRET: random(), PUSH_SECRET: random() }
  // Written beside and moved into place: half a file is never read.
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return secrets
}

const random = () => randomBytes(36).toString('base64url')

function parse(text: string, file: string): Secrets {
  try {
    return Secrets.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${file} cannot be read as secrets; remove it to have new ones made (logins then end).`, {
      cause,
    })
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
