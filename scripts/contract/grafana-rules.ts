import { z } from 'zod'
import { parseYaml, stringifyYaml } from '../../deploy/checks/yaml.ts'

const PrometheusRules = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          for: z.string().default('0s'),
          labels: z.record(z.string(), z.string()),
          annotations: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
})
type Rule = z.infer<typeof PrometheusRules>['groups'][number]['rules'][number]

const INTRO =
  '# Written by npm run contract from deploy/prometheus-rules.yml: the same alerts, which Grafana sends by e-mail (mail.yml).\n'

/** The alerts of Prometheus' rules as rules that Grafana evaluates itself, since it sends no alerts that others evaluate. */
export function grafanaRules(prometheusRules: string): string {
  const { groups } = PrometheusRules.parse(parseYaml(prometheusRules)[0])
  const document = {
    apiVersion: 1,
    groups: groups.map(({ name, rules }) => ({
      orgId: 1,
      name,
      folder: 'Cutroom',
      interval: '30s',
      rules: rules.map(grafanaRule),
    })),
  }
  return INTRO + stringifyYaml(document)
}

/** A Prometheus expression has a result while its alert fires, and none otherwise. */
const grafanaRule = ({ alert, expr, for: duration, labels, annotations }: Rule) => ({
  uid: alert,
  title: alert,
  condition: 'firing',
  data: [
    {
      refId: 'result',
      datasourceUid: 'prometheus',
      relativeTimeRange: { from: 600, to: 0 },
      model: { refId: 'result', expr: expr.trim(), instant: true },
    },
    {
      refId: 'firing',
      datasourceUid: '__expr__',
      model: {
        refId: 'firing',
        type: 'threshold',
        expression: 'result',
        conditions: [{ evaluator: { type: 'gt', params: [0] } }],
      },
    },
  ],
  for: duration,
  noDataState: 'OK',
  execErrState: 'Error',
  labels,
  annotations,
})
