import pg from 'pg'

/** URLs of one database for each identity of the cloud. */
export type RoleUrls = { migrate: string; web: string; batch: string }

/** Cloud SQL's role of administrators, which is not a superuser and owns every new database. */
const ADMIN = 'cloudsqlsuperuser'
const ROLES = ['migrate', 'web', 'batch'] as const

/**
 * Creates a database as Cloud SQL does, and the three roles that Terraform creates: none is a superuser, and only the one that
 * migrates is a member of `cloudsqlsuperuser`.
 */
export async function createCloudDatabase(server: string, name: string): Promise<RoleUrls> {
  await onServer(server, '/postgres', async (query) => {
    await query(`CREATE ROLE ${ADMIN} NOSUPERUSER CREATEDB CREATEROLE NOLOGIN`)
    for (const role of ROLES) await query(`CREATE ROLE ${userOf(role)} LOGIN PASSWORD '${role}'`)
    await query(`GRANT ${ADMIN} TO ${userOf('migrate')}`)
    await query(`CREATE DATABASE ${name} OWNER ${ADMIN}`)
  })
  const urls = ROLES.map((role) => {
    const url = new URL(server)
    Object.assign(url, {
      pathname: `/${name}`,
      username: encodeURIComponent(`${role}@clips.iam`),
      password: role,
    })
    return [role, url.href]
  })
  return Object.fromEntries(urls) as RoleUrls
}

/** As the database users of service accounts are called: their e-mail without its end. */
const userOf = (role: string) => `"${role}@clips.iam"`

/** Runs a statement as one of the roles; returns the SQLSTATE with which it was refused, if it was. */
export async function refusal(url: string, statement: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
    return undefined
  } catch (error) {
    return error instanceof pg.DatabaseError ? error.code : String(error)
  } finally {
    await client.end()
  }
}

async function onServer(
  server: string,
  pathname: string,
  work: (query: (statement: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const url = new URL(server)
  url.pathname = pathname
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await work((statement) => client.query(statement))
  } finally {
    await client.end()
  }
}
