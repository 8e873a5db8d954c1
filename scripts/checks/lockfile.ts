import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Package = { version?: string; integrity?: string; link?: boolean; inBundle?: boolean }

/** One line for each package that npm would install without knowing what its archive must contain. */
export function lockfileIssues(root: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return unverified(packages).map(
    (path) =>
      `package-lock.json: ${path} has no integrity; get it with: npm view PACKAGE@VERSION dist.integrity`,
  )
}

/** The paths of packages without a hash. Packages that come inside another one are covered by that one's. Pure. */
export const unverified = (packages: Record<string, Package>): string[] =>
  Object.entries(packages)
    .filter(
      ([path, { integrity, link, inBundle }]) => path !== '' && !link && !inBundle && !isStrong(integrity),
    )
    .map(([path]) => path)

/** npm accepts a SHA-1 too, which two different files can share. */
const isStrong = (integrity: string | undefined) => integrity?.startsWith('sha512-') ?? false
