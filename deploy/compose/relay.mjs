// What Google does in the cloud and its emulators do not. At the start: topics, subscriptions and bucket. Then:
// takes each push of the Pub/Sub emulator, which carries no Authorization, shows batch the shared secret in its
// name, and hands batch's reply back, since that is what acknowledges.
import { createServer, request } from 'node:http'

const env = process.env
const port = Number(env.RELAY_PORT ?? 8082)
const pubsub = `http://${env.PUBSUB_EMULATOR_HOST}/v1/projects/${env.GOOGLE_CLOUD_PROJECT}`
const deadLetters = 'cutroom-dead-letters'

await prepare()
createServer(relay).listen(port, () => console.log(`relay listens on ${port}`))
process.on('SIGTERM', () => process.exit(0))

async function prepare() {
  await make(`${pubsub}/topics/${env.PUBSUB_TOPIC}`, {})
  await make(`${pubsub}/topics/${deadLetters}`, {})
  await make(`${pubsub}/subscriptions/${env.PUBSUB_TOPIC}`, {
    topic: `projects/${env.GOOGLE_CLOUD_PROJECT}/topics/${env.PUBSUB_TOPIC}`,
    ackDeadlineSeconds: 600,
    pushConfig: { pushEndpoint: `${env.RELAY_URL}/push` },
    retryPolicy: { minimumBackoff: '1s', maximumBackoff: '30s' },
    deadLetterPolicy: {
      deadLetterTopic: `projects/${env.GOOGLE_CLOUD_PROJECT}/topics/${deadLetters}`,
      maxDeliveryAttempts: 100,
    },
  })
  await make(`${pubsub}/subscriptions/${deadLetters}`, {
    topic: `projects/${env.GOOGLE_CLOUD_PROJECT}/topics/${deadLetters}`,
    ackDeadlineSeconds: 60,
    pushConfig: { pushEndpoint: `${env.RELAY_URL}/dead-letters` },
  })
  await make(`${pubsub}/subscriptions/${deadLetters}-kept`, {
    topic: `projects/${env.GOOGLE_CLOUD_PROJECT}/topics/${deadLetters}`,
    ackDeadlineSeconds: 60,
  })
  await make(`${env.STORAGE_EMULATOR_HOST}/storage/v1/b`, { name: env.BUCKET }, 'POST')
}

/** Makes something that may be there already. */
async function make(url, body, method = 'PUT') {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(url, { method, headers, body: JSON.stringify(body) })
  if (!reply.ok && reply.status !== 409)
    throw new Error(`${method} ${url}: ${reply.status} ${await reply.text()}`)
  await reply.body?.cancel()
}

// node:http and not fetch: fetch gives up on a reply that takes longer than 300 s, and a job may take 540.
function relay(incoming, reply) {
  if (incoming.url === '/health') return reply.end('ok')
  const headers = {
    authorization: `Bearer ${env.PUSH_SECRET}`,
    'content-type': incoming.headers['content-type'] ?? 'application/json',
  }
  const onward = request(
    new URL(incoming.url, env.BATCH_URL),
    { method: 'POST', headers, agent: false },
    (answer) => {
      reply.writeHead(answer.statusCode ?? 502)
      answer.pipe(reply)
    },
  )
  onward.on('error', (error) => {
    console.error(`batch did not answer: ${error.message}`)
    reply.writeHead(503).end()
  })
  reply.on('close', () => onward.destroy())
  incoming.pipe(onward)
}
