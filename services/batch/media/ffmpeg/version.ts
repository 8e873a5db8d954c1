/** The oldest ffmpeg that every recipe works with, and the newest that the tests have run with. */
export const SUPPORTED_FFMPEG = { oldest: '5.1', newestTested: '9.0' }

/** The libavutil of ffmpeg 5.1. Nightly builds have no release number, but their libraries do. */
const OLDEST_LIBAVUTIL = '57.28'

/**
 * The version in what ffmpeg or ffprobe prints for `-version`, such as "7.1.5-0+deb13u1" or "N-109542-g1bf1b4d"; undefined when
 * there is none.
 */
export const versionOf = (printed: string): string | undefined =>
  /^ff(?:mpeg|probe) version (\S+)/m.exec(printed)?.[1]

/**
 * What to tell whoever starts a service whose ffmpeg or ffprobe is too old; undefined when it is not. A program that does not
 * tell its version is not refused. `setting` is the one that names the program.
 */
export function unsupportedVersion(setting: string, program: string, printed: string): string | undefined {
  if (!isTooOld(printed)) return undefined
  const { oldest, newestTested } = SUPPORTED_FFMPEG
  return (
    `${program} is version ${versionOf(printed)}, and Cutroom needs ${oldest} or later (tested up to ${newestTested}). ` +
    `Install a newer ffmpeg, or set ${setting} to one.`
  )
}

function isTooOld(printed: string): boolean {
  const release = releaseOf(versionOf(printed))
  if (release) return isBefore(release, SUPPORTED_FFMPEG.oldest)
  const library = /^libavutil\s+(\d+)\.\s*(\d+)\./m.exec(printed)
  return library !== null && isBefore(`${library[1]}.${library[2]}`, OLDEST_LIBAVUTIL)
}

/** "4.4" of 4.4.2-0ubuntu0.22.04.1 or n4.4-78-g031c0cb0b4; undefined for nightly builds and what precedes a release. */
const releaseOf = (version = ''): string | undefined => /^n?(\d+\.\d+)(?!\S*-dev)/.exec(version)?.[1]

function isBefore(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number)
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}
