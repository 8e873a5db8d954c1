import { expect, test } from '@jest/globals'
import { bucketDestination, destinationOf } from './destination.ts'

const AWS = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' }

test('a bucket is named by its address, and its credentials are those of the environment', () => {
  const s3 = { bucket: 'renders', prefix: 'orders/17/', region: 'eu-central-1' }
  expect(bucketDestination('s3://renders/orders/17', AWS)).toEqual({
    s3: { ...s3, access_key_id: 'AKIA', secret_access_key: 'secret' },
  })
  expect(bucketDestination('gs://renders', { CLOUDSDK_AUTH_ACCESS_TOKEN: 'ya29' })).toEqual({
    gcs: { bucket: 'renders', prefix: '', access_token: 'ya29' },
  })
  expect(bucketDestination('destination.json', AWS)).toBeUndefined()
})

test('a missing credential is named', () => {
  expect(() => bucketDestination('s3://renders', { AWS_REGION: 'eu-central-1' })).toThrow('AWS_ACCESS_KEY_ID')
  expect(() => bucketDestination('gs://renders', {})).toThrow('CLOUDSDK_AUTH_ACCESS_TOKEN')
})

test('each of several inputs has a folder of its own, and presigned URLs serve one', () => {
  const gcs = { bucket: 'renders', access_token: 'ya29' }
  const prefixes = ['', 'a', 'a/'].map(
    (prefix) => destinationOf({ gcs: { ...gcs, prefix } }, 'talk').gcs?.prefix,
  )
  expect(prefixes).toEqual(['talk/', 'a/talk/', 'a/talk/'])
  expect(() => destinationOf({ urls: { 'output.mp4': 'https://example.com' } }, 'talk')).toThrow('one input')
})
