import { z } from 'zod'
import { HIDDEN } from '../recipe/source-headers.ts'

const MAX_URLS = 100

/** Printable ASCII, as a header or a signature can hold it. */
const credential = (maxLength: number) =>
  z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${maxLength}}$`), {
    error: `must be 1 to ${maxLength} printable ASCII characters without spaces`,
  })

const Bucket = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/, { error: 'must be the name of a bucket' })
  .refine((name) => !name.includes('..'), { error: 'must be the name of a bucket' })
  .meta({ example: 'acme-renders' })

const hasDotSegment = (prefix: string) => prefix.split('/').some((part) => part === '.' || part === '..')

const Prefix = z
  .string()
  .max(500)
  .regex(/^(?!\/)[^\p{Cc}\p{Cs}]*$/u, { error: 'must not start with / or contain control characters' })
  .refine((prefix) => !hasDotSegment(prefix), { error: 'must not contain the segments . and ..' })
  .default('')
  .meta({
    description: 'What comes before the file name in the name of each object.',
    example: 'orders/17/',
  })

const Endpoint = z
  .url({ protocol: /^https?$/, error: 'must be an https URL' })
  .max(500)
  .refine((url) => URL.canParse(url) && new URL(url).href === `${new URL(url).origin}/`, {
    error: 'must be an origin, without path, query and user name',
  })

const accessKey = {
  access_key_id: credential(128),
  secret_access_key: credential(256),
}

const S3 = z.strictObject({
  bucket: Bucket,
  region: z.string().regex(/^[a-z0-9-]{1,40}$/, { error: 'must be a region such as eu-central-1' }),
  prefix: Prefix,
  endpoint: Endpoint.optional().meta({
    description:
      'Of a store other than Amazon S3 that speaks its protocol. The bucket is part of the path there.',
    example: 'https://ACCOUNT.r2.cloudflarestorage.com',
  }),
  ...accessKey,
  session_token: credential(4096).optional().meta({ description: 'Of temporary credentials.' }),
})

const Gcs = z
  .strictObject({
    bucket: Bucket,
    prefix: Prefix,
    access_token: credential(4096).optional().meta({
      description:
        'An OAuth token, as `gcloud auth print-access-token` prints it. It must be valid when the task ends.',
    }),
    access_key_id: accessKey.access_key_id.optional().meta({ description: 'Of an HMAC key.' }),
    secret_access_key: accessKey.secret_access_key.optional(),
  })
  .refine(
    ({ access_token, access_key_id, secret_access_key }) =>
      access_token
        ? !access_key_id && !secret_access_key
        : access_key_id !== undefined && secret_access_key !== undefined,
    {
      error: 'give either `access_token`, or `access_key_id` and `secret_access_key`',
      path: ['access_token'],
    },
  )

/** Names of output files. */
const OutputName = /^[A-Za-z0-9][\w-]{0,79}\.[a-z0-9]{2,4}$/

const Urls = z
  .record(z.string(), z.url({ protocol: /^https?$/, error: 'must be an https URL' }).max(4096))
  .superRefine((urls, context) => {
    const names = Object.keys(urls)
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    if (names.length === 0 || names.length > MAX_URLS) issue([], `must have 1 to ${MAX_URLS} URLs`)
    for (const name of names.filter((each) => !OutputName.test(each))) {
      issue([name], 'is not the name of an output, such as output.mp4')
    }
  })
  .meta({
    description:
      'Presigned URLs by the name of the output. Each is PUT with its media type as Content-Type; other outputs stay here.',
    maxProperties: MAX_URLS,
    examples: [
      { 'output.mp4': 'https://acme-renders.s3.eu-central-1.amazonaws.com/17.mp4?X-Amz-Signature=…' },
    ],
  })

/** Where outputs are sent when a task has rendered them. Exactly one of the three. */
export const Destination = z
  .strictObject({ urls: Urls.optional(), s3: S3.optional(), gcs: Gcs.optional() })
  .refine((destination) => Object.values(destination).filter((each) => each !== undefined).length === 1, {
    error: 'give exactly one of `urls`, `s3` and `gcs`',
    path: ['urls'],
  })
  .meta({
    id: 'Destination',
    description:
      'Where to send the outputs, in addition to storing them here: presigned URLs, or a bucket of Amazon S3 or Cloud Storage. The task ' +
      `succeeds once all of them have arrived. URLs and credentials are stored encrypted until the task has ended, and shown as \`${HIDDEN}\` ` +
      'or not at all.',
    examples: [
      {
        urls: { 'output.mp4': 'https://acme-renders.s3.eu-central-1.amazonaws.com/17.mp4?X-Amz-Signature=…' },
      },
    ],
  })
export type Destination = z.infer<typeof Destination>

/** A destination as replies show it. */
export const ShownDestination = z
  .object({
    urls: z.record(z.string(), z.string()).optional(),
    s3: z
      .object({ bucket: z.string(), region: z.string(), prefix: z.string(), endpoint: z.string().optional() })
      .optional(),
    gcs: z.object({ bucket: z.string(), prefix: z.string() }).optional(),
  })
  .meta({ id: 'ShownDestination', description: 'Where the outputs are sent, without secrets.' })
export type ShownDestination = z.infer<typeof ShownDestination>

/** A destination without what only its owner may know. */
export function hideSecrets({ urls, s3, gcs }: Destination): ShownDestination {
  return {
    ...(urls && { urls: Object.fromEntries(Object.keys(urls).map((name) => [name, HIDDEN])) }),
    ...(s3 && {
      s3: {
        bucket: s3.bucket,
        region: s3.region,
        prefix: s3.prefix,
        ...(s3.endpoint !== undefined && { endpoint: s3.endpoint }),
      },
    }),
    ...(gcs && { gcs: { bucket: gcs.bucket, prefix: gcs.prefix } }),
  }
}

/** The URLs of a destination that a user chose, each with its path in the request. */
export const chosenUrls = ({ urls = {}, s3 }: Destination): { path: string; url: string }[] => [
  ...Object.entries(urls).map(([name, url]) => ({ path: `urls.${name}`, url })),
  ...(s3?.endpoint === undefined ? [] : [{ path: 's3.endpoint', url: s3.endpoint }]),
]
