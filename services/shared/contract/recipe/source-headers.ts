import { z } from 'zod'

const MAX_HEADERS = 10
const MAX_VALUE_LENGTH = 4096

/** What the API shows in place of every value. */
export const HIDDEN = '[hidden]'

const NAMES = [
  'Accept',
  'Accept-Language',
  'Api-Key',
  'Authorization',
  'Cookie',
  'Job-Token',
  'Origin',
  'Private-Token',
  'Referer',
  'User-Agent',
]

const ALLOWED = new Set(NAMES.map((name) => name.toLowerCase()))

/** Headers by which proxies learn who asks and for what, and metadata servers that the caller may ask. */
const RESERVED = /^x-(forwarded|real-ip|http-method|method-override|original|rewrite|aws-ec2|google-metadata)/

/** Whether a source may have this header. Those that the reader itself sets, such as Range, are not among them. */
const isAllowed = (name: string): boolean =>
  ALLOWED.has(name) || (/^x-[\w-]{1,62}$/.test(name) && !RESERVED.test(name))

const HeaderValue = z
  .string()
  .regex(new RegExp(`^[\\x21-\\x7e](?:[\\x20-\\x7e]{0,${MAX_VALUE_LENGTH - 2}}[\\x21-\\x7e])?$`), {
    error: `must be 1 to ${MAX_VALUE_LENGTH} printable ASCII characters, without spaces at its ends`,
  })

/** The request headers of one source, by name. */
export const SourceHeaders = z
  .record(z.string(), HeaderValue)
  .superRefine((headers, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    const names = Object.keys(headers)
    if (names.length > MAX_HEADERS) issue([], `must have at most ${MAX_HEADERS} headers`)
    const seen = new Set<string>()
    for (const name of names) {
      const key = name.toLowerCase()
      if (!isAllowed(key))
        issue([name], `is not allowed: use ${NAMES.join(', ')}, or a name that starts with X-`)
      if (seen.has(key)) issue([name], 'is given twice')
      seen.add(key)
    }
  })
  .meta({
    description:
      'Request headers for the `url`, such as Authorization for a private file. They are sent to the origin of the ' +
      `\`url\` only, never to where it redirects. They are stored encrypted until the task has ended, and shown as \`${HIDDEN}\`. ` +
      `Allowed are ${NAMES.join(', ')}, and names that start with X-.`,
    maxProperties: MAX_HEADERS,
    examples: [{ Authorization: 'Bearer 3b9f…' }],
  })

export type SourceHeaders = z.infer<typeof SourceHeaders>

type WithHeaders = { headers?: SourceHeaders | undefined }

/** A source whose header values are replaced by `[hidden]`. */
export const hideHeaders = <S extends WithHeaders>(source: S): S =>
  source.headers
    ? { ...source, headers: Object.fromEntries(Object.keys(source.headers).map((name) => [name, HIDDEN])) }
    : source
