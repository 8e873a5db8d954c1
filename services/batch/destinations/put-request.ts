import { AwsClient } from 'aws4fetch'
import type { Destination } from '#shared/contract/tasks/destination.ts'

/** How a file is sent: `shown` names where it goes, without secrets. */
export type PutRequest = { url: URL; headers: Record<string, string>; shown: string }

type File = { name: string; contentType: string }

/** Of both stores: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
const UNSIGNED = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }

const GCS_ORIGIN = 'https://storage.googleapis.com'

/** The request that sends a file to a destination; undefined for one that it has no URL for. */
export async function putRequest(destination: Destination, file: File): Promise<PutRequest | undefined> {
  const { urls, s3, gcs } = destination
  const headers = { 'content-type': file.contentType }
  if (urls) {
    const link = Object.entries(urls).find(([name]) => name === file.name)?.[1]
    if (link === undefined) return undefined
    const url = new URL(link)
    return { url, headers, shown: `${url.origin}${url.pathname}` }
  }
  if (s3) {
    const key = `${s3.prefix}${file.name}`
    const url = s3Url(s3, key)
    const { access_key_id, secret_access_key, session_token } = s3
    const signed = await sign(url, headers, s3.region, { access_key_id, secret_access_key, session_token })
    return { url, headers: signed, shown: `s3://${s3.bucket}/${key}` }
  }
  if (gcs) {
    const key = `${gcs.prefix}${file.name}`
    const url = new URL(`${GCS_ORIGIN}/${gcs.bucket}/${encodeKey(key)}`)
    const shown = `gs://${gcs.bucket}/${key}`
    const { access_token, access_key_id = '', secret_access_key = '' } = gcs
    if (access_token) return { url, headers: { ...headers, authorization: `Bearer ${access_token}` }, shown }
    return { url, headers: await sign(url, headers, 'auto', { access_key_id, secret_access_key }), shown }
  }
  return undefined
}

/** A bucket whose name has dots is no host name that a certificate covers. */
function s3Url({ bucket, region, endpoint }: NonNullable<Destination['s3']>, key: string): URL {
  if (endpoint) return new URL(`/${bucket}/${encodeKey(key)}`, endpoint)
  const host = `s3.${region}.amazonaws.com`
  return bucket.includes('.')
    ? new URL(`https://${host}/${bucket}/${encodeKey(key)}`)
    : new URL(`https://${bucket}.${host}/${encodeKey(key)}`)
}

const encodeKey = (key: string): string => key.split('/').map(encodeSegment).join('/')

/** As RFC 3986 says: some stores check the signature of the path as it arrives, others that of a path which they encode themselves. */
const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

type AccessKey = { access_key_id: string; secret_access_key: string; session_token?: string | undefined }

/** The headers of a PUT with a signature of version 4. The body is not signed: it is sent while it is read, over TLS. */
async function sign(url: URL, headers: Record<string, string>, region: string, key: AccessKey) {
  const client = new AwsClient({
    accessKeyId: key.access_key_id,
    secretAccessKey: key.secret_access_key,
    ...(key.session_token && { sessionToken: key.session_token }),
    service: 's3',
    region,
  })
  const signed = await client.sign(url.href, { method: 'PUT', headers: { ...headers, ...UNSIGNED } })
  return Object.fromEntries(signed.headers)
}
