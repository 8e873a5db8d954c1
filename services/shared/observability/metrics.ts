import type { RequestHandler } from 'express'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const registry = new Registry()
const registers = [registry]
collectDefaultMetrics({ register: registry })

/** What Prometheus reads: the text and its content type. */
export const readMetrics = async (): Promise<{ text: string; contentType: string }> => ({
  text: await registry.metrics(),
  contentType: registry.contentType,
})

const requestSeconds = new Histogram({
  name: 'cutroom_http_request_duration_seconds',
  help: 'Time from request to reply, in seconds.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
  registers,
})

/** Measures every request. The label is the route, not the path: ids would make a series each. */
export const measureRequests: RequestHandler = (req, res, next) => {
  const end = requestSeconds.startTimer()
  res.on('finish', () => {
    end({ method: req.method, route: req.route?.path ?? 'none', status: String(res.statusCode) })
  })
  next()
}

/** Jobs as batch sees them. */
export const jobMetrics = {
  running: new Gauge({ name: 'cutroom_jobs_running', help: 'Jobs being worked on here, now.', registers }),
  outcomes: new Counter({
    name: 'cutroom_job_outcomes_total',
    help: 'Pushes by what became of them.',
    labelNames: ['outcome'],
    registers,
  }),
  seconds: new Histogram({
    name: 'cutroom_job_duration_seconds',
    help: 'Time from claim to end of an attempt, in seconds.',
    buckets: [1, 2, 5, 10, 20, 60, 120, 300, 540],
    registers,
  }),
  maintenance: new Counter({
    name: 'cutroom_maintenance_total',
    help: 'What sweeps did.',
    labelNames: ['action'],
    registers,
  }),
}

/** Word of tasks' ends. */
export const notificationMetrics = {
  attempts: new Counter({
    name: 'cutroom_notifications_total',
    help: 'Attempts to tell how a task ended, by what became of them.',
    labelNames: ['channel', 'result'],
    registers,
  }),
}
