// Creates topics, subscriptions and bucket in the emulators, as Terraform does in the cloud, then exits.
// The Pub/Sub emulator signs no tokens, so the push URL carries the shared secret instead.
const env = process.env
const project = `projects/${env.GOOGLE_CLOUD_PROJECT}`
const pubsub = `http://${env.PUBSUB_EMULATOR_HOST}/v1/${project}`
const deadLetters = 'cutroom-dead-letters'
const token = `?token=${encodeURIComponent(env.PUSH_SECRET)}`

await create(`${pubsub}/topics/${env.PUBSUB_TOPIC}`, {})
await create(`${pubsub}/topics/${deadLetters}`, {})
await create(`${pubsub}/subscriptions/${env.PUBSUB_TOPIC}`, {
  topic: `${project}/topics/${env.PUBSUB_TOPIC}`,
  ackDeadlineSeconds: 600,
  pushConfig: { pushEndpoint: `${env.BATCH_URL}/push${token}` },
  retryPolicy: { minimumBackoff: '1s', maximumBackoff: '30s' },
  deadLetterPolicy: { deadLetterTopic: `${project}/topics/${deadLetters}`, maxDeliveryAttempts: 100 },
})
await create(`${pubsub}/subscriptions/${deadLetters}`, {
  topic: `${project}/topics/${deadLetters}`,
  ackDeadlineSeconds: 60,
  pushConfig: { pushEndpoint: `${env.BATCH_URL}/dead-letters${token}` },
})
await create(`${pubsub}/subscriptions/${deadLetters}-kept`, {
  topic: `${project}/topics/${deadLetters}`,
  ackDeadlineSeconds: 60,
})
await create(`${env.STORAGE_EMULATOR_HOST}/storage/v1/b`, { name: env.BUCKET }, 'POST')
console.log('topics, subscriptions and bucket are ready')

/** Creates a resource that may exist already. */
async function create(url, body, method = 'PUT') {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(url, { method, headers, body: JSON.stringify(body) })
  const answer = await reply.text()
  if (!reply.ok && reply.status !== 409) throw new Error(`${method} ${url}: ${reply.status} ${answer}`)
}
