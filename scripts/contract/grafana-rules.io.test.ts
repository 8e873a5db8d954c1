import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseYaml } from '../../deploy/checks/yaml.ts'
import { grafanaRules } from './grafana-rules.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (name: string) => readFile(join(ROOT, name), 'utf8')

test('Grafana has every alert of Prometheus, with the same expression and duration', async () => {
  const rules = await read('deploy/prometheus-rules.yml')
  const [{ groups }] = parseYaml(rules) as [{ groups: { rules: Rule[] }[] }]
  const [grafana] = parseYaml(grafanaRules(rules)) as [{ groups: { rules: GrafanaRule[] }[] }]
  expect(
    grafana.groups[0]?.rules.map(({ title, data, for: duration }) => ({
      alert: title,
      expr: data[0]?.model.expr,
      for: duration,
    })),
  ).toEqual(
    groups[0]?.rules.map(({ alert, expr, for: duration = '0s' }) => ({
      alert,
      expr: expr.trim(),
      for: duration,
    })),
  )
})

test('its queries go to the data source that is provisioned, and its alerts to the one recipient', async () => {
  const [{ datasources }] = parseYaml(
    await read('deploy/grafana/provisioning/datasources/prometheus.yml'),
  ) as [{ datasources: { uid: string }[] }]
  const text = await read('deploy/grafana/provisioning/alerting/rules.yml')
  const asked = new Set([...text.matchAll(/datasourceUid: (\w+)/g)].map(([, uid]) => uid))
  expect(asked).toEqual(new Set([datasources[0]?.uid, '__expr__']))
  // Grafana replaces $NAME in its files by variables of its environment.
  expect(text).not.toContain('$')
})

type Rule = { alert: string; expr: string; for?: string }
type GrafanaRule = { title: string; for: string; data: { model: { expr?: string } }[] }
