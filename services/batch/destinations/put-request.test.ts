import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Destination } from '#shared/contract/tasks/destination.ts'
import { putRequest } from './put-request.ts'
import { verifySignature } from './testing/verify-signature.ts'

const key = { access_key_id: 'AKIAEXAMPLE', secret_access_key: 's3cret/key+1' }
const file = { name: 'output.mp4', contentType: 'video/mp4' }
const request = (destination: object) => putRequest(Destination.parse(destination), file)

describe('a request to S3', () => {
  const s3 = { bucket: 'acme-renders', region: 'eu-central-1', prefix: 'orders/17 a+b/é/', ...key }

  test.each([
    ['Amazon', s3, 'https://acme-renders.s3.eu-central-1.amazonaws.com/orders/17%20a%2Bb/%C3%A9/output.mp4'],
    [
      'a bucket with dots in its name',
      { ...s3, bucket: 'renders.acme.example', prefix: '' },
      'https://s3.eu-central-1.amazonaws.com/renders.acme.example/output.mp4',
    ],
    [
      'another store',
      { ...s3, endpoint: 'https://minio.example.com:9000', prefix: 'a/' },
      'https://minio.example.com:9000/acme-renders/a/output.mp4',
    ],
  ])('of %s has the name of the object in its URL, and a valid signature', async (_, destination, url) => {
    const put = await request({ s3: destination })
    expect(put?.url.href).toBe(url)
    expect(put?.headers).toMatchObject({
      'content-type': 'video/mp4',
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    })
    expect(put?.shown).toBe(`s3://${destination.bucket}/${destination.prefix}output.mp4`)
    expect(verifySignature(put, { region: 'eu-central-1', secret: key.secret_access_key })).toBe(true)
    expect(verifySignature(put, { region: 'eu-central-1', secret: 'another' })).toBe(false)
  })

  test('with temporary credentials signs their token', async () => {
    const put = await request({ s3: { ...s3, session_token: 'token' } })
    expect(put?.headers['x-amz-security-token']).toBe('token')
    expect(put?.headers.authorization).toMatch(/SignedHeaders=[\w;-]*x-amz-security-token/)
  })
})

describe("a signature is that of Amazon's own library", () => {
  // Computed with botocore 1.43, for the same time.
  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-11-27T09:30:00Z') })
  })
  afterEach(() => {
    jest.useRealTimers()
  })
  const prefix = "it's (1) *!~/é a+b/"
  const path = 'it%27s%20%281%29%20%2A%21~/%C3%A9%20a%2Bb/output.mp4'

  test('of S3, with temporary credentials', async () => {
    const bucket = { bucket: 'acme-renders', region: 'eu-central-1' }
    const put = await request({ s3: { ...bucket, prefix, ...key, session_token: 'token' } })
    expect(put?.url.href).toBe(`https://acme-renders.s3.eu-central-1.amazonaws.com/${path}`)
    expect(put?.headers.authorization).toMatch(
      /Signature=e18d31cb595f99e70bea13b99b286df94e61ffabc46dfaa927512588d3f2a9dc$/,
    )
  })

  test('of an HMAC key of Cloud Storage', async () => {
    const put = await request({ gcs: { bucket: 'acme-renders', prefix, ...key } })
    expect(put?.url.href).toBe(`https://storage.googleapis.com/acme-renders/${path}`)
    expect(put?.headers.authorization).toMatch(
      /Signature=f312833f3dec157d503b9bc08b390976acf7890f46bca8c6630e9d62bda42c79$/,
    )
  })
})

describe('a request to Cloud Storage', () => {
  test('has the token, or the signature of an HMAC key', async () => {
    const gcs = { bucket: 'acme-renders', prefix: 'a/' }
    const byToken = await request({ gcs: { ...gcs, access_token: 'ya29.token' } })
    expect(byToken).toMatchObject({
      url: new URL('https://storage.googleapis.com/acme-renders/a/output.mp4'),
      headers: { authorization: 'Bearer ya29.token', 'content-type': 'video/mp4' },
      shown: 'gs://acme-renders/a/output.mp4',
    })
    const byKey = await request({ gcs: { ...gcs, ...key } })
    expect(verifySignature(byKey, { region: 'auto', secret: key.secret_access_key })).toBe(true)
  })
})

describe('a request to a presigned URL', () => {
  const link = 'https://acme.example/17.mp4?X-Amz-Signature=s3cret'

  test('is sent to it as it is, and shown without its query', async () => {
    expect(await request({ urls: { 'output.mp4': link } })).toEqual({
      url: new URL(link),
      headers: { 'content-type': 'video/mp4' },
      shown: 'https://acme.example/17.mp4',
    })
  })

  test('is none for an output without a URL', async () => {
    expect(await request({ urls: { 'small.mp4': link } })).toBeUndefined()
  })
})
