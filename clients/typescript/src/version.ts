import { CutroomError } from './errors.ts'
import { VERSION } from './generated/version.ts'
import type { Transport } from './http/transport.ts'

/** Errors that two versions with different ideas of the API can cause. */
const SUSPECT = new Set(['request.invalid', 'route.not_found', 'route.method_not_allowed'])

/**
 * The error, with advice about versions if it could come from a client and a service of different versions, and they are: which of
 * the two is older, and how to update it. Asks the service for its version only after such an error.
 */
export async function withVersionHint(
  error: unknown,
  baseUrl: string,
  transport: Transport,
): Promise<unknown> {
  if (!(error instanceof CutroomError) || !SUSPECT.has(error.code)) return error
  const hint = versionHint(VERSION, await serviceVersion(baseUrl, transport))
  if (!hint) return error
  const { code, detail, status, errors, requestId } = error
  return new CutroomError(code, detail, {
    status,
    errors,
    requestId,
    advice: `${error.advice} ${hint}`.trim(),
  })
}

/** What to update when the minor versions differ. Pure. */
export function versionHint(client: string, service: string | undefined): string | undefined {
  const [mine, theirs] = [minorOf(client), minorOf(service ?? '')]
  if (mine === undefined || theirs === undefined || mine === theirs) return undefined
  const versions = `This client is version ${client} and the service version ${service}:`
  return mine < theirs
    ? `${versions} update the client with \`npm install @cutroom/client@${service}\`.`
    : `${versions} the service may not know yet what you use; install the client of its version, or update the service.`
}

/** Major and minor as one number that can be compared. */
function minorOf(version: string): number | undefined {
  const match = /^(\d+)\.(\d+)\./.exec(version)
  return match ? Number(match[1]) * 10_000 + Number(match[2]) : undefined
}

async function serviceVersion(baseUrl: string, transport: Transport): Promise<string | undefined> {
  try {
    const url = `${baseUrl}/openapi.json`
    const read = async (reply: Response) => (await reply.json()) as { info?: { version?: string } }
    return (await transport.send({ method: 'GET', url, repeatable: false }, read)).info?.version
  } catch {
    // The error that led here matters more.
    return undefined
  }
}
