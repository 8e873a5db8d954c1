/** Compares the programs that deployments start (`node dist/…`) with those that the build compiles. */
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ENTRIES } from '../../scripts/build.ts'

const FILES = ['Dockerfile.*', '*.{yml,yaml}', 'terraform/*.tf', 'deploy/**/*.{yaml,yml,md}', 'docs/*.md']

/** Programs that a file starts and no image contains. */
export async function programIssues(root: string): Promise<string[]> {
  const paths = FILES.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()
  const issues = paths.map(async (path) => {
    const programs = programsIn(await readFile(join(root, path), 'utf8'))
    return programs
      .filter((program) => !ENTRIES.includes(program))
      .map((program) => `${path}: the images do not contain ${program}`)
  })
  return (await Promise.all(issues)).flat()
}

/** The sources of the compiled programs that a text names: `dist/services/web/main.js` is services/web/main.ts. */
export const programsIn = (text: string): string[] =>
  [...text.matchAll(/\bdist\/([\w/-]+)\.js\b/g)].map(([, path]) => `${path}.ts`)
