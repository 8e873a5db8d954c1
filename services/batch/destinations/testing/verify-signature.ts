import { createHash, createHmac } from 'node:crypto'

type Signed = { url: URL; headers: Record<string, string> } | undefined

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Whether a PUT has a valid signature of version 4, as the store computes it: independent of the code under test. */
export function verifySignature(
  put: Signed,
  { region, secret }: { region: string; secret: string },
): boolean {
  if (!put) return false
  const { url, headers } = put
  const [, signedHeaders = '', signature] =
    /SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '') ?? []
  const headerOf = (name: string) => (name === 'host' ? url.host : (headers[name] ?? ''))
  const names = signedHeaders.split(';')
  const canonical = [
    'PUT',
    url.pathname,
    '',
    ...names.map((name) => `${name}:${headerOf(name)}`),
    '',
    signedHeaders,
    headers['x-amz-content-sha256'],
  ].join('\n')
  const at = headers['x-amz-date'] ?? ''
  const scope = `${at.slice(0, 8)}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, at.slice(0, 8)), region), 's3'), 'aws4_request')
  return names.includes('host') && hmac(key, text).toString('hex') === signature
}
