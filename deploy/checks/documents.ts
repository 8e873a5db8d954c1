/** Compares the documents with the Terraform outputs, variables and Cloud Build substitutions that they name. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const DOCUMENTS = [
  'docs/deploy.md',
  'docs/operations.md',
  'terraform/README.md',
  'deploy/kubernetes/README.md',
]
/** Words in the shape of a variable that are something else: a log field, arguments of resources and providers. */
const NOT_VARIABLES = new Set([
  'billing_project',
  'ignore_changes',
  'invoker_iam_disabled',
  'stack_trace',
  'user_project_override',
])

/** Outputs, variables and substitutions that a document names and nothing declares. */
export async function documentIssues(root: string): Promise<string[]> {
  const read = (name: string) => readFile(join(root, name), 'utf8')
  const names = (text: string, pattern: RegExp) =>
    new Set([...text.matchAll(pattern)].map(([, name]) => name))
  const declared = {
    output: names(await read('terraform/outputs.tf'), /^output "(\w+)"/gm),
    variable: names(await read('terraform/variables.tf'), /^variable "(\w+)"/gm),
    substitution: names(await read('cloudbuild.yaml'), /^ {2}(_[A-Z]+):/gm),
  }
  const issues = DOCUMENTS.map(async (name) =>
    namesIn(await read(name))
      .filter(({ kind, word }) => !declared[kind].has(word))
      .map(({ kind, word }) => `${name}: there is no ${kind} ${word}`),
  )
  return (await Promise.all(issues)).flat()
}

type Name = { kind: 'output' | 'variable' | 'substitution'; word: string }

/** The names in a document. A variable is a word with underscores between backticks. */
export function namesIn(text: string): Name[] {
  const all = (kind: Name['kind'], pattern: RegExp): Name[] =>
    [...text.matchAll(pattern)].map(([, word = '']) => ({ kind, word }))
  return [
    ...all('output', /output -raw (\w+)/g),
    ...all('variable', /`([a-z]+(?:_[a-z]+)+)(?: = [^`]*| \d+)?`/g),
    ...all('substitution', /(?<![\w$])(_[A-Z]+)=/g),
  ].filter(({ word }) => !NOT_VARIABLES.has(word))
}
