import type { RequestHandler } from 'express'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const registry = new Registry()
const registers = [registry]
collectDefaultMetrics({ register: registry })

/** All metrics in the Prometheus text format, with its content type. */
export const readMetrics = async (): Promise<{ text: string; contentType: string }> => ({
  text: await registry.metrics(),
  contentType: registry.contentType,
})

const requestDuration = new Histogram({
  name: 'cutroom_http_request_duration_seconds',
  help: 'Duration of HTTP requests in seconds.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
  registers,
})

/** Measures every request, labelled by route: paths contain ids, and each would become a series of its own. */
export const measureRequests: RequestHandler = (req, res, next) => {
  const end = requestDuration.startTimer()
  res.on('finish', () => {
    end({ method: req.method, route: req.route?.path ?? 'none', status: String(res.statusCode) })
  })
  next()
}

export const jobMetrics = {
  running: new Gauge({
    name: 'cutroom_jobs_running',
    help: 'Jobs that are running in this process.',
    registers,
  }),
  outcomes: new Counter({
    name: 'cutroom_job_outcomes_total',
    help: 'Job attempts, and pushes that led to none, by outcome.',
    labelNames: ['outcome'],
    registers,
  }),
  seconds: new Histogram({
    name: 'cutroom_job_duration_seconds',
    help: 'Duration of job attempts in seconds.',
    buckets: [1, 2, 5, 10, 20, 60, 120, 300, 540],
    registers,
  }),
  wait: new Histogram({
    name: 'cutroom_job_wait_seconds',
    help: 'Time from when a job could be claimed to its claim in seconds, by kind: a task begins with its render.',
    labelNames: ['kind'],
    buckets: [0.1, 1, 5, 15, 60, 300, 900, 3600],
    registers,
  }),
  maintenance: new Counter({
    name: 'cutroom_maintenance_total',
    help: 'Rows and objects that sweeps have handled, by action.',
    labelNames: ['action'],
    registers,
  }),
}

/** What users wait for, once for each task. */
export const taskMetrics = {
  wait: new Histogram({
    name: 'cutroom_task_wait_seconds',
    help: 'Time from the creation of a task to its first claim in seconds.',
    buckets: [0.1, 1, 5, 15, 60, 300, 900, 3600],
    registers,
  }),
  pace: new Histogram({
    name: 'cutroom_task_seconds_per_media_minute',
    help: 'Time that a task took, without its wait, in seconds per minute of its outputs; outputs of less than a minute count as one.',
    buckets: [2, 5, 10, 20, 30, 60, 120, 300, 900],
    registers,
  }),
}

export const notificationMetrics = {
  attempts: new Counter({
    name: 'cutroom_notifications_total',
    help: 'Attempts to deliver a notification, by channel and result.',
    labelNames: ['channel', 'result'],
    registers,
  }),
}

/** Requests that a limit has refused, by the name of the limit. */
export const refusedRequests = new Counter({
  name: 'cutroom_refused_requests_total',
  help: 'Requests refused by a rate limit, by limit.',
  labelNames: ['limit'],
  registers,
})
