import { startFakeGcs } from './server.ts'

// node test/fake-gcs/main.ts [port] [bucket …]: prints its URL and runs until SIGTERM.
const [port = '0', ...buckets] = process.argv.slice(2)
const fake = await startFakeGcs({ port: Number(port), buckets: buckets.length > 0 ? buckets : ['cutroom'] })
console.log(fake.url)
process.once('SIGTERM', () => void fake.close())
process.once('disconnect', () => void fake.close())
