import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is used of the package `yaml`. */
type Yaml = {
  parseAllDocuments(text: string, options: { merge: boolean }): Iterable<{ errors: Error[]; toJS(): unknown }>
}

const NAME = 'yaml'

/** Whether the package that reads YAML is a dependency here; when not, what needs it is skipped, and says so. */
export const yamlIsHere: boolean = (() => {
  const own = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
  return NAME in { ...own.dependencies, ...own.devDependencies }
})()

/** Every document of a YAML text. Throws the first fault, with its line. */
export async function readYaml(text: string): Promise<unknown[]> {
  const { parseAllDocuments }: Yaml = await import(NAME)
  return [...parseAllDocuments(text, { merge: true })].map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS()
  })
}
