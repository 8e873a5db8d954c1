import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createCloudRunJob } from './cloud-run-job.ts'

const NAME = 'projects/clips/locations/europe-west1/jobs/cutroom-long-jobs'

let server: Server
let requests: string[]
let status: number
beforeEach(async () => {
  requests = []
  status = 200
  server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    requests.push(`${req.method} ${req.url} ${req.headers.authorization} ${body}`)
    res.writeHead(status).end('{"error": {"message": "Permission \'run.jobs.run\' denied"}}')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
})
afterEach(() => void server.close())

function openJob() {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return createCloudRunJob(NAME, {
    endpoint: `http://127.0.0.1:${port}`,
    accessToken: async () => 'access',
  })
}

test('starts an execution as this service', async () => {
  await openJob().run()
  expect(requests).toEqual([`POST /v2/${NAME}:run Bearer access {}`])
})

test('says what the API has answered when it does not start', async () => {
  status = 403
  await expect(openJob().run()).rejects.toThrow(
    'answered with 403: {"error": {"message": "Permission \'run.jobs.run\'',
  )
})
