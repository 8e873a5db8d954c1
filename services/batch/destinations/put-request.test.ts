import { describe, expect, test } from '@jest/globals'
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
