import { parseAllDocuments, stringify } from 'yaml'

/**
 * Parses every document of a YAML text, merge keys (`<<`) included.
 * @throws the first syntax error, with its line.
 */
export function parseYaml(text: string): unknown[] {
  return [...parseAllDocuments(text, { merge: true })].map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS()
  })
}

/** A value as YAML, with lines that are not wrapped. */
export const stringifyYaml = (value: unknown): string => stringify(value, { lineWidth: 0 })
