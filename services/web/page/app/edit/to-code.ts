import type { TaskBody } from './task-body.ts'

/** The request that the page sends, in words of other programs. Each has a placeholder for the token or API key. */

/** For a shell: to paste into a terminal where `TOKEN` is set. */
export function toCurl(origin: string, body: TaskBody): string {
  const json = JSON.stringify(body).replaceAll("'", "'\\''")
  return [
    `curl -s ${origin}/tasks \\`,
    '  -H "Authorization: Bearer $TOKEN" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d '${json}'`,
  ].join('\n')
}

/** TypeScript or JavaScript with `fetch`, for Node or a browser. */
export function toTypeScript(origin: string, body: TaskBody): string {
  return [
    `const response = await fetch('${origin}/tasks', {`,
    "  method: 'POST',",
    "  headers: { Authorization: 'Bearer YOUR_API_KEY', 'Content-Type': 'application/json' },",
    `  body: JSON.stringify(${indented(JSON.stringify(body, null, 2))}),`,
    '})',
    'if (!response.ok) throw new Error(await response.text())',
    'const task = await response.json()',
  ].join('\n')
}

/** Python with `requests`. */
export function toPython(origin: string, body: TaskBody): string {
  return [
    'import requests',
    '',
    'response = requests.post(',
    `    "${origin}/tasks",`,
    '    headers={"Authorization": "Bearer YOUR_API_KEY"},',
    `    json=${python(body, 4)},`,
    ')',
    'response.raise_for_status()',
    'task = response.json()',
  ].join('\n')
}

const indented = (text: string) => text.replaceAll('\n', '\n  ')

/** A value as Python writes it. Strings in JSON are strings in Python. */
function python(value: unknown, indent: number): string {
  const [inner, outer] = [' '.repeat(indent + 4), ' '.repeat(indent)]
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null || typeof value !== 'object')
    return JSON.stringify(value ?? null).replace(/^null$/, 'None')
  const lines = Array.isArray(value)
    ? value.map((each) => inner + python(each, indent + 4))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([name, each]) => `${inner}${JSON.stringify(name)}: ${python(each, indent + 4)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join(',\n')},\n${outer}${close}`
}
