import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const Secrets = z.object({
  JWT_SECRET: z.string().min(32),
  LINKS_SECRET: z.string().min(32),
  PUSH_SECRET: z.string().min(32),
  SECRETS_KEY: z.base64().length(44),
})
/** Version 0.2 had neither of these. */
const StoredSecrets = Secrets.partial({ LINKS_SECRET: true, SECRETS_KEY: true })
type StoredSecrets = z.infer<typeof StoredSecrets>

/** The keys that the services sign tokens and links with, authenticate to each other with, and encrypt headers with. */
export type Secrets = z.infer<typeof Secrets>

/** Loads the secrets of a data directory, which are generated once and kept, so that logins survive a restart. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, 'secrets.json')
  const text = await readFile(file, 'utf8').catch(absent)
  const stored = text === undefined ? undefined : parse(text, file)
  if (stored && isComplete(stored)) return stored
  const generated = {
    JWT_SECRET: random(),
    LINKS_SECRET: random(),
    PUSH_SECRET: random(),
    SECRETS_KEY: newKey(),
  }
  const secrets = Secrets.parse({ ...generated, ...stored })
  // Written to a temporary file and renamed, so that an incomplete file is never read.
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return secrets
}

const random = () => randomBytes(36).toString('base64url')

const isComplete = (secrets: StoredSecrets): secrets is Secrets => Secrets.safeParse(secrets).success

const newKey = () => randomBytes(32).toString('base64')

function parse(text: string, file: string): StoredSecrets {
  try {
    return StoredSecrets.parse(JSON.parse(text))
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
