import { GoogleAuth } from 'google-auth-library'

/** https://cloud.google.com/stackdriver/docs/reference/telemetry/overview */
const HOST = 'telemetry.googleapis.com'

/** Whether a URL is that of Google Cloud's Telemetry API, which keeps spans in Cloud Trace. */
export const isGoogle = (url: string): boolean => new URL(url).host === HOST

/** The headers of each call of that API: the identity of this service, and the project that is charged. */
export function googleHeaders(project: string): () => Promise<Record<string, string>> {
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' })
  return async () => ({
    authorization: `Bearer ${await auth.getAccessToken()}`,
    ...(project && { 'x-goog-user-project': project }),
  })
}
