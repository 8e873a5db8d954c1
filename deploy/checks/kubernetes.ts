/** The Kubernetes objects of deploy/kubernetes, as far as they use each kind; unknown fields are errors. */
import { z } from 'zod'

const labels = z.record(z.string(), z.string())
const metadata = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/),
  namespace: z.literal('cutroom').optional(),
  labels: labels.optional(),
  annotations: labels.optional(),
})
const selector = z.strictObject({ matchLabels: labels.optional() })
const quantity = z.string().regex(/^[0-9.]+(m|Ki|Mi|Gi)?$/)
const requests = z.strictObject({
  cpu: quantity,
  memory: quantity,
  'ephemeral-storage': quantity,
})
const named = z.strictObject({ name: z.string() })

const secretKeyRef = z.strictObject({ name: z.string(), key: z.string() })

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.enum(['/health/live', '/health/ready']), port: z.literal('http') }),
  periodSeconds: z.int().positive(),
  timeoutSeconds: z.int().positive().optional(),
  failureThreshold: z.int().positive().optional(),
})
const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  ports: z.array(z.strictObject({ name: z.string(), containerPort: z.int() })).optional(),
  envFrom: z
    .array(z.union([z.strictObject({ configMapRef: named }), z.strictObject({ secretRef: named })]))
    .default([]),
  env: z
    .array(
      z.union([
        z.strictObject({ name: z.string(), value: z.string() }),
        z.strictObject({ name: z.string(), valueFrom: z.strictObject({ secretKeyRef }) }),
      ]),
    )
    .optional(),
  // A CPU limit would throttle an encode on an idle node; memory needs a limit.
  resources: z.strictObject({
    requests,
    limits: z.strictObject({ memory: quantity, 'ephemeral-storage': quantity }),
  }),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z
    .array(z.strictObject({ name: z.string(), mountPath: z.string().startsWith('/') }))
    .optional(),
})
const volume = z.union([
  z.strictObject({ name: z.string(), emptyDir: z.strictObject({ sizeLimit: quantity.optional() }) }),
  z.strictObject({ name: z.string(), persistentVolumeClaim: z.strictObject({ claimName: z.string() }) }),
])
const podTemplate = z.strictObject({
  metadata: z.strictObject({ labels }),
  spec: z.strictObject({
    restartPolicy: z.enum(['Never', 'OnFailure']).optional(),
    serviceAccountName: z.string(),
    automountServiceAccountToken: z.literal(false),
    terminationGracePeriodSeconds: z.int().min(10).optional(),
    topologySpreadConstraints: z
      .array(
        z.strictObject({
          maxSkew: z.literal(1),
          topologyKey: z.string(),
          whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']),
          labelSelector: selector,
        }),
      )
      .optional(),
    securityContext: z.strictObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.int().positive(),
      runAsGroup: z.int().positive(),
      fsGroup: z.int().positive().optional(),
      seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
    }),
    containers: z.array(container).length(1),
    volumes: z.array(volume).optional(),
  }),
})

const port = z.strictObject({ protocol: z.enum(['TCP', 'UDP']), port: z.int() })
const peer = z.strictObject({
  namespaceSelector: selector.optional(),
  podSelector: selector.optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).optional() }).optional(),
})
const scaleDown = z.strictObject({
  scaleDown: z.strictObject({
    stabilizationWindowSeconds: z.int().min(0).max(3600),
    policies: z.array(
      z.strictObject({ type: z.literal('Pods'), value: z.int(), periodSeconds: z.int().max(1800) }),
    ),
  }),
})
const metric = z.strictObject({
  type: z.literal('Resource'),
  resource: z.strictObject({
    name: z.enum(['cpu', 'memory']),
    target: z.strictObject({ type: z.literal('Utilization'), averageUtilization: z.int().max(100) }),
  }),
})

const object = <Version extends string, Kind extends string, Rest extends z.ZodRawShape>(
  apiVersion: Version,
  kind: Kind,
  rest: Rest,
) => z.strictObject({ apiVersion: z.literal(apiVersion), kind: z.literal(kind), metadata, ...rest })

/** One object of deploy/kubernetes. */
export const KubernetesObject = z.discriminatedUnion('kind', [
  object('v1', 'Namespace', {}),
  object('v1', 'ServiceAccount', { automountServiceAccountToken: z.literal(false) }),
  object('v1', 'ConfigMap', { data: z.record(z.string(), z.string()) }),
  object('v1', 'Secret', { type: z.literal('Opaque'), stringData: z.record(z.string(), z.string()) }),
  object('v1', 'PersistentVolumeClaim', {
    spec: z.strictObject({
      accessModes: z.tuple([z.literal('ReadWriteMany')]),
      storageClassName: z.string().optional(),
      resources: z.strictObject({ requests: z.strictObject({ storage: quantity }) }),
    }),
  }),
  object('v1', 'Service', {
    spec: z.strictObject({
      selector: labels,
      ports: z.array(z.strictObject({ name: z.string(), port: z.int(), targetPort: z.string() })),
    }),
  }),
  object('batch/v1', 'Job', {
    spec: z.strictObject({
      backoffLimit: z.int().min(0),
      ttlSecondsAfterFinished: z.int(),
      template: podTemplate,
    }),
  }),
  object('apps/v1', 'Deployment', {
    spec: z.strictObject({ replicas: z.int().positive().optional(), selector, template: podTemplate }),
  }),
  object('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: z.strictObject({
      scaleTargetRef: z.strictObject({
        apiVersion: z.literal('apps/v1'),
        kind: z.literal('Deployment'),
        name: z.string(),
      }),
      minReplicas: z.int().positive(),
      maxReplicas: z.int().positive(),
      behavior: scaleDown.optional(),
      metrics: z.array(metric),
    }),
  }),
  object('policy/v1', 'PodDisruptionBudget', {
    spec: z.strictObject({ maxUnavailable: z.int().positive(), selector }),
  }),
  object('networking.k8s.io/v1', 'Ingress', {
    spec: z.strictObject({
      ingressClassName: z.string(),
      tls: z.array(z.strictObject({ hosts: z.array(z.string()), secretName: z.string() })),
      rules: z.array(
        z.strictObject({
          host: z.string(),
          http: z.strictObject({
            paths: z.array(
              z.strictObject({
                path: z.string(),
                pathType: z.enum(['Exact', 'Prefix']),
                backend: z.strictObject({ service: z.strictObject({ name: z.string(), port: named }) }),
              }),
            ),
          }),
        }),
      ),
    }),
  }),
  object('networking.k8s.io/v1', 'NetworkPolicy', {
    spec: z.strictObject({
      podSelector: selector,
      policyTypes: z.array(z.enum(['Egress', 'Ingress'])),
      ingress: z.array(z.strictObject({ from: z.array(peer), ports: z.array(port) })).optional(),
      egress: z
        .array(z.strictObject({ to: z.array(peer).optional(), ports: z.array(port).optional() }))
        .optional(),
    }),
  }),
  object('monitoring.coreos.com/v1', 'ServiceMonitor', {
    spec: z.strictObject({
      selector,
      endpoints: z.array(
        z.strictObject({
          port: z.string(),
          path: z.string(),
          interval: z.string(),
          authorization: z.strictObject({
            credentials: z.strictObject({ name: z.string(), key: z.string() }),
          }),
        }),
      ),
    }),
  }),
  object('monitoring.coreos.com/v1', 'PodMonitor', {
    spec: z.strictObject({
      selector,
      jobLabel: z.string(),
      podMetricsEndpoints: z.array(
        z.strictObject({ port: z.string(), path: z.string(), interval: z.string() }),
      ),
    }),
  }),
  object('keda.sh/v1alpha1', 'ScaledObject', {
    spec: z.strictObject({
      scaleTargetRef: named,
      pollingInterval: z.int().positive(),
      minReplicaCount: z.int().min(0),
      maxReplicaCount: z.int().positive(),
      advanced: z.strictObject({
        horizontalPodAutoscalerConfig: z.strictObject({ behavior: scaleDown }),
      }),
      triggers: z.array(
        z.strictObject({
          type: z.literal('postgresql'),
          metadata: z.strictObject({ query: z.string(), targetQueryValue: z.string().regex(/^\d+$/) }),
          authenticationRef: named,
        }),
      ),
    }),
  }),
  object('keda.sh/v1alpha1', 'TriggerAuthentication', {
    spec: z.strictObject({
      secretTargetRef: z.array(
        z.strictObject({ parameter: z.literal('connection'), name: z.string(), key: z.string() }),
      ),
    }),
  }),
])
export type KubernetesObject = z.infer<typeof KubernetesObject>

/** References to objects that do not exist, and selectors that match nothing. */
export function danglingReferences(objects: KubernetesObject[]): string[] {
  const names = new Set(objects.map(({ kind, metadata: { name } }) => `${kind} ${name}`))
  return objects
    .flatMap((one) => references(one).map((target) => ({ one, target })))
    .filter(({ target }) => !names.has(target))
    .map(({ one, target }) => `${one.kind} ${one.metadata.name}: there is no ${target}`)
}

function references(one: KubernetesObject): string[] {
  if (one.kind === 'HorizontalPodAutoscaler') return [`Deployment ${one.spec.scaleTargetRef.name}`]
  if (one.kind === 'ScaledObject') {
    const { scaleTargetRef, triggers } = one.spec
    const authentications = triggers.map(({ authenticationRef: { name } }) => `TriggerAuthentication ${name}`)
    return [`Deployment ${scaleTargetRef.name}`, ...authentications]
  }
  if (one.kind === 'TriggerAuthentication') {
    return one.spec.secretTargetRef.map(({ name }) => `Secret ${name}`)
  }
  if (one.kind === 'ServiceMonitor') {
    return one.spec.endpoints.map(({ authorization }) => `Secret ${authorization.credentials.name}`)
  }
  if (one.kind === 'Service') return [`Deployment ${one.spec.selector['app.kubernetes.io/name']}`]
  if (one.kind === 'PodDisruptionBudget')
    return [`Deployment ${one.spec.selector.matchLabels?.['app.kubernetes.io/name']}`]
  if (one.kind === 'Ingress') {
    return one.spec.rules.flatMap(({ http }) =>
      http.paths.map(({ backend }) => `Service ${backend.service.name}`),
    )
  }
  if (one.kind !== 'Deployment' && one.kind !== 'Job') return []
  const { volumes = [], containers, serviceAccountName } = one.spec.template.spec
  return [
    `ServiceAccount ${serviceAccountName}`,
    ...volumes.flatMap((each) =>
      'persistentVolumeClaim' in each
        ? [`PersistentVolumeClaim ${each.persistentVolumeClaim.claimName}`]
        : [],
    ),
    ...containers.flatMap(({ env = [] }) =>
      env.flatMap((each) => ('valueFrom' in each ? [`Secret ${each.valueFrom.secretKeyRef.name}`] : [])),
    ),
    ...containers.flatMap(({ envFrom }) =>
      envFrom.map((from) =>
        'secretRef' in from ? `Secret ${from.secretRef.name}` : `ConfigMap ${from.configMapRef.name}`,
      ),
    ),
  ]
}

/** Time that a container needs after what DRAIN_SECONDS leaves its jobs, to give back what still runs. */
const GIVE_BACK_SECONDS = 10

/** Pods that are killed before their jobs have had the time that they are promised. */
export function drainIssues(objects: KubernetesObject[]): string[] {
  return objects.flatMap((one) => {
    if (one.kind !== 'Deployment') return []
    const { containers, terminationGracePeriodSeconds = 30 } = one.spec.template.spec
    return containers.flatMap(({ env = [] }) => {
      const drain = env.find(({ name }) => name === 'DRAIN_SECONDS')
      if (!drain || !('value' in drain)) return []
      const least = Number(drain.value) + GIVE_BACK_SECONDS
      return terminationGracePeriodSeconds >= least
        ? []
        : [`Deployment ${one.metadata.name}: terminationGracePeriodSeconds must be at least ${least}`]
    })
  })
}
