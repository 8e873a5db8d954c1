import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseYaml } from '../yaml.ts'

const CHART = join(import.meta.dirname, '../../helm')
/** Where Debian's packages of Go libraries are. */
const GO_PATH = '/usr/share/gocode'

export type Values = Record<string, unknown>

/** What is missing to render the chart, or undefined: Helm's own engine is Go's text/template with sprig. */
export function missingForChart(): string | undefined {
  const isThere =
    existsSync(join(GO_PATH, 'src/github.com/Masterminds/sprig')) &&
    (process.env.PATH ?? '').split(delimiter).some((dir) => existsSync(join(dir, 'go')))
  return isThere
    ? undefined
    : 'Go with sprig (Debian: apt-get install golang-go golang-github-masterminds-sprig-dev)'
}

/** The default values, of which `changes` replaces those that it names; objects are merged, as Helm does. */
export async function chartValues(changes: Values = {}): Promise<Values> {
  const [defaults] = parseYaml(await readFile(join(CHART, 'values.yaml'), 'utf8')) as [Values]
  return merge(defaults, changes)
}

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const merge = (defaults: Values, changes: Values): Values => ({
  ...defaults,
  ...Object.fromEntries(
    Object.entries(changes).map(([name, value]) => {
      const before = defaults[name]
      return [name, isObject(before) && isObject(value) ? merge(before, value) : value]
    }),
  ),
})

/**
 * The chart as Kubernetes gets it, by the names of its templates; templates without objects are left out.
 * @throws Error with what Go says, such as a value that a template names and nobody gives.
 */
export async function renderChart(changes: Values = {}): Promise<Map<string, string>> {
  const [chart] = parseYaml(await readFile(join(CHART, 'Chart.yaml'), 'utf8')) as [{ appVersion: string }]
  const context = { Values: await chartValues(changes), Chart: { AppVersion: chart.appVersion } }
  const output = await runGo(JSON.stringify(context))
  const parts = output.split(/^# Source: (\S+)\n/m).slice(1)
  const names = parts.filter((_, index) => index % 2 === 0)
  return new Map(names.map((name, index) => [name, parts[2 * index + 1] ?? '']))
}

async function runGo(input: string): Promise<string> {
  const go = spawn('go', ['run', join(import.meta.dirname, 'main.go'), join(CHART, 'templates')], {
    env: { ...process.env, GO111MODULE: 'off', GOPATH: GO_PATH },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  go.stdin.end(input)
  const exited = new Promise<number | null>((resolve, reject) => {
    go.once('error', reject)
    go.once('close', resolve)
  })
  const [output, errors, code] = await Promise.all([text(go.stdout), text(go.stderr), exited])
  if (code !== 0) throw new Error(`The chart could not be rendered: ${errors.trim()}`)
  return output
}
