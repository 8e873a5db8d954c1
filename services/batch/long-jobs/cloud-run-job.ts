import { GoogleAuth } from 'google-auth-library'

/** A job of Cloud Run, which runs the image of batch with WORKER_MODE=job. */
export type CloudRunJob = {
  /**
   * Starts an execution, without waiting for its end.
   * @throws Error with the reply of the API
   */
  run(): Promise<void>
}

type Access = { endpoint: string; accessToken(): Promise<string | null | undefined> }

const TIMEOUT_MS = 30_000

/**
 * `name`: projects/PROJECT/locations/REGION/jobs/NAME. The identity of this service needs `run.jobs.run` on it.
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs/run
 */
export function createCloudRunJob(name: string, { endpoint, accessToken }: Access = google()): CloudRunJob {
  return {
    async run() {
      const reply = await fetch(`${endpoint}/v2/${name}:run`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await accessToken()}`, 'content-type': 'application/json' },
        body: '{}',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const text = await reply.text()
      if (!reply.ok)
        throw new Error(`Running ${name} was answered with ${reply.status}: ${text.slice(0, 500)}`)
    },
  }
}

function google(): Access {
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' })
  return { endpoint: 'https://run.googleapis.com', accessToken: () => auth.getAccessToken() }
}
