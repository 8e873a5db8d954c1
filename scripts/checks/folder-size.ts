import { globSync } from 'node:fs'
import { dirname } from 'node:path'

/** More files than this in one folder of services/, and nobody finds a file by reading the list. */
const MAX_FILES = 20

/** One line for each folder of services/ that has too many source files of its own; tests do not count. */
export function folderSizeIssues(root: string): string[] {
  const paths = globSync('services/**/*.{ts,tsx}', { cwd: root })
  return crowded(paths).map(
    ([folder, count]) => `${folder} has ${count} source files; split it by subject (limit ${MAX_FILES})`,
  )
}

/** Folders with too many files, and their number. */
export function crowded(paths: string[]): [folder: string, count: number][] {
  const counts = new Map<string, number>()
  for (const path of paths.filter((one) => !/\.test\.ts$|\/generated\//.test(one))) {
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  }
  return [...counts].filter(([, count]) => count > MAX_FILES)
}
