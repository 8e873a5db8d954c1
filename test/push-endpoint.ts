import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { decodePushEnvelope, PushEnvelope } from '#shared/contract/job-message.ts'

/** A push as received. `attempt` counts the pushes of this job, from 1. */
export type ReceivedPush = {
  jobId: string
  attempt: number
  envelope: PushEnvelope
  path: string
  authorization: string | undefined
  /** Resolves when the sender closes the connection or the reply has been sent. */
  closed: Promise<unknown>
}

/** Returns the status of the reply; a promise keeps the push open until it resolves. */
export type Answer = (push: ReceivedPush) => number | Promise<number>

export type PushEndpoint = Awaited<ReturnType<typeof openPushEndpoint>>

/** An HTTP server on a free loopback port in place of batch: records every push and replies with the status that `answer` returns. */
export async function openPushEndpoint(answer: Answer = () => 204, port = 0) {
  const pushes: ReceivedPush[] = []
  const arrivals = new EventTarget()

  const server = createServer(async (request, response) => {
    const push = await readPush(request, pushes, once(response, 'close'))
    pushes.push(push)
    arrivals.dispatchEvent(new Event('push'))
    response.statusCode = await answer(push)
    response.end()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  return {
    /** Without a trailing slash; pushes are expected at /push below it. */
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pushes,
    pushesOf: (jobId: string) => pushes.filter((push) => push.jobId === jobId),
    /** The push of a job with this number, once it has arrived. */
    async arrival(jobId: string, attempt = 1): Promise<ReceivedPush> {
      for (;;) {
        const push = pushes.find((each) => each.jobId === jobId && each.attempt === attempt)
        if (push) return push
        await once(arrivals, 'push')
      }
    },
    /** Closes every open connection, as a crash would. */
    breakConnections: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function readPush(
  request: IncomingMessage,
  earlier: ReceivedPush[],
  closed: Promise<unknown>,
): Promise<ReceivedPush> {
  const envelope = PushEnvelope.parse(JSON.parse(await text(request)))
  const jobId = decodePushEnvelope(envelope).job_id
  const attempt = earlier.filter((push) => push.jobId === jobId).length + 1
  const { url = '', headers } = request
  return { jobId, attempt, envelope, path: url, authorization: headers.authorization, closed }
}
