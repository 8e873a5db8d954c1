/** What a deployment needs, decided from what gcloud and Terraform answer. Pure: every function takes an answer's JSON. */

/** `missing` stops a deployment; `unknown` could not be asked, mostly because an API is not enabled yet. */
export type Finding = { state: 'ok' | 'missing' | 'unknown'; what: string; remedy?: string }

/** What an environment may use at most, as terraform/locals.tf computes it. */
export type Needs = { cpu: number; memoryGib: number; isPublic: boolean }

const ok = (what: string): Finding => ({ state: 'ok', what })
const missing = (what: string, remedy: string): Finding => ({ state: 'missing', what, remedy })
/** For a question that could not be answered; the remedy makes it answerable. */
export const unknown = (what: string, remedy: string): Finding => ({ state: 'unknown', what, remedy })

/** Compares dotted versions: whether `version` is `least` or later. */
export function isAtLeast(version: string, least: string): boolean {
  const [own, other] = [version, least].map((text) => text.split('.').map(Number)) as [number[], number[]]
  const index = other.findIndex((part, i) => part !== (own[i] ?? 0))
  return index < 0 || (own[index] ?? 0) > (other[index] ?? 0)
}

/** A program of at least this version; `version` is undefined when it could not be run. */
export function program(name: string, version: string | undefined, least: string, url: string): Finding {
  if (version === undefined) return missing(`${name} cannot be run`, `install it: ${url}`)
  if (isAtLeast(version, least)) return ok(`${name} ${version}`)
  return missing(`${name} ${version} is older than ${least}`, `update it: ${url}`)
}

/** `gcloud projects describe`. */
export function project(id: string, answer: { lifecycleState?: string } | undefined): Finding {
  if (answer?.lifecycleState === 'ACTIVE') return ok(`project ${id}`)
  const what = answer
    ? `project ${id} is ${answer.lifecycleState}`
    : `project ${id} does not exist, or is not yours`
  return missing(what, 'gcloud projects list shows yours; gcloud projects create makes one')
}

/** `gcloud billing projects describe`. */
export function billing(
  id: string,
  answer: { billingEnabled?: boolean; billingAccountName?: string },
): Finding {
  if (answer.billingEnabled) return ok(`billing by ${answer.billingAccountName}`)
  return missing(
    answer.billingAccountName ? 'the billing account is closed' : 'no billing account',
    `gcloud billing projects link ${id} --billing-account=ACCOUNT`,
  )
}

/** `gcloud run regions list`. */
export function region(name: string, answer: { locationId?: string }[]): Finding {
  const known = answer.map(({ locationId }) => locationId)
  if (known.includes(name)) return ok(`region ${name}`)
  return missing(`Cloud Run has no region ${name}`, `one of ${known.join(', ')}`)
}

type QuotaInfo = {
  dimensionsInfos?: {
    dimensions?: { region?: string }
    details?: { value?: string }
    applicableLocations?: string[]
  }[]
}

/** The value of a quota in a region, from `gcloud beta quotas info describe`; undefined when it names none. */
export function quotaIn(region: string, { dimensionsInfos = [] }: QuotaInfo): number | undefined {
  const of = (match: (name: string | undefined) => boolean) =>
    dimensionsInfos.find(({ dimensions }) => match(dimensions?.region))?.details?.value
  const general = dimensionsInfos.find(({ applicableLocations }) => applicableLocations?.includes(region))
  const value = of((name) => name === region) ?? general?.details?.value ?? of((name) => name === undefined)
  return value === undefined ? undefined : Number(value)
}

/** Whether a quota suffices; `unit` converts its value. Google counts CPUs in thousandths and memory in bytes. */
export function quota(id: string, need: number, available: number | undefined, unit: string): Finding {
  const what = `${id}: ${need} ${unit} needed`
  if (available === undefined) return unknown(what, 'IAM & Admin > Quotas shows the quota')
  if (available < 0 || available >= need)
    return ok(`${what}, ${available < 0 ? 'unlimited' : available} allowed`)
  return missing(
    `${what}, ${available} allowed`,
    'request more (IAM & Admin > Quotas), or lower batch_max_instances',
  )
}

type Policy = {
  spec?: {
    rules?: {
      enforce?: boolean
      denyAll?: boolean
      values?: { allowedValues?: string[]; deniedValues?: string[] }
    }[]
  }
}
const rulesOf = ({ spec }: Policy) => spec?.rules ?? []
const isEnforced = (policy: Policy): boolean =>
  rulesOf(policy).some(({ enforce, denyAll }) => enforce || denyAll)

/** Constraints that stop a deployment, with what to do; from `gcloud org-policies describe --effective`. */
export const CONSTRAINTS: Record<string, (policy: Policy, needs: Needs, region: string) => Finding> = {
  'run.managed.requireInvokerIam': (policy, { isPublic }) =>
    isEnforced(policy) && isPublic
      ? missing(
          'the organisation forbids services that anyone may call',
          'web_public = false in terraform.tfvars',
        )
      : ok('public access'),
  'gcp.resourceLocations': (policy, _, region) => {
    const allowed = rulesOf(policy).flatMap(({ values }) => values?.allowedValues ?? [])
    const isAllowed = allowed.length === 0 || allowed.some((value) => coversRegion(value, region))
    return isAllowed
      ? ok('resource locations')
      : missing(`the organisation does not allow ${region}`, `one of ${allowed.join(', ')}`)
  },
  'compute.restrictVpcPeering': (policy) =>
    rulesOf(policy).some(({ denyAll }) => denyAll)
      ? missing(
          'the organisation forbids VPC peering, by which Cloud SQL is reached',
          'ask for an exception, or pass network and subnetwork',
        )
      : ok('VPC peering'),
  'iam.disableServiceAccountCreation': (policy) =>
    isEnforced(policy)
      ? missing('the organisation forbids new service accounts', 'ask for an exception for the project')
      : ok('service accounts'),
}

/** `europe-west1`, `in:europe-west1-locations`, `in:europe-locations`; other groups are taken to cover it. */
function coversRegion(value: string, region: string): boolean {
  const name = value.replace(/^(in|is):/, '').replace(/-locations$/, '')
  return region === name || region.startsWith(`${name}-`) || !/^[a-z]+(-[a-z]+\d+)?$/.test(name)
}

/** One line for each finding, and an exit code. */
export function report(findings: Finding[]): { lines: string[]; code: number } {
  const lines = findings.map(({ state, what, remedy }) => {
    const label = state === 'missing' ? 'MISSING' : state
    return `${label.padEnd(8)} ${what}${remedy ? `\n         → ${remedy}` : ''}`
  })
  return { lines, code: findings.some(({ state }) => state === 'missing') ? 1 : 0 }
}
