import type { CreateTask } from '../api.ts'
import { UsageError } from './exit-codes.ts'

export type Destination = NonNullable<CreateTask['destination']>

type Environment = Record<string, string | undefined>

/**
 * The destination of `s3://BUCKET/FOLDER` or `gs://BUCKET/FOLDER`, with the credentials of the environment, under the names that the tools
 * of the two clouds use: no argument holds a secret. Undefined for anything else. Pure.
 * @throws UsageError when the environment lacks a credential.
 */
export function bucketDestination(text: string, env: Environment): Destination | undefined {
  const [, scheme, bucket = '', folder = ''] = /^(s3|gs):\/\/([^/]+)\/?(.*)$/.exec(text) ?? []
  const prefix = asFolder(folder)
  if (scheme === 's3') return { s3: toS3(bucket, prefix, env) }
  if (scheme === 'gs')
    return { gcs: { bucket, prefix, access_token: requireEnv(env, 'CLOUDSDK_AUTH_ACCESS_TOKEN') } }
  return undefined
}

function toS3(bucket: string, prefix: string, env: Environment): NonNullable<Destination['s3']> {
  const endpoint = env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL
  return {
    bucket,
    prefix,
    region: env.AWS_REGION ?? requireEnv(env, 'AWS_DEFAULT_REGION'),
    ...(endpoint && { endpoint }),
    access_key_id: requireEnv(env, 'AWS_ACCESS_KEY_ID'),
    secret_access_key: requireEnv(env, 'AWS_SECRET_ACCESS_KEY'),
    ...(env.AWS_SESSION_TOKEN && { session_token: env.AWS_SESSION_TOKEN }),
  }
}

function requireEnv(env: Environment, name: string): string {
  const value = env[name]
  if (value) return value
  throw new UsageError(
    `--destination needs ${name} in the environment, or a FILE with the destination as JSON.`,
  )
}

/**
 * The destination of one of several inputs: outputs of different tasks have the same names, so each gets a folder of its own. Pure.
 * @throws UsageError for presigned URLs, which are made for one task.
 */
export function destinationOf({ urls, s3, gcs }: Destination, stem: string): Destination {
  const below = (prefix = '') => `${asFolder(prefix)}${stem}/`
  if (s3) return { s3: { ...s3, prefix: below(s3.prefix) } }
  if (gcs) return { gcs: { ...gcs, prefix: below(gcs.prefix) } }
  throw new UsageError(
    `The ${urls ? 'URLs' : 'destination'} can only serve one input; give a bucket for several.`,
  )
}

const asFolder = (prefix: string) => (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`)
