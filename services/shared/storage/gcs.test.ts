import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll } from '@jest/globals'
import { createGcsStorage } from './gcs.ts'
import { describeStorage } from './port.contract.ts'

// The stand-in keeps objects in memory, so it runs in a process of its own: the suite measures this one's.
let fake: ChildProcess
let emulator: string
beforeAll(async () => {
  const main = new URL('../../../test/fake-gcs/main.ts', import.meta.url)
  fake = fork(main, ['0', 'files'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const [line] = await once(fake.stdout ?? fake, 'data')
  emulator = String(line).trim()
})
afterAll(async () => {
  fake.disconnect()
  await once(fake, 'exit')
})

const steer = (path: string, fault?: object) =>
  fetch(`${emulator}/_fake/${path}`, { method: 'POST', ...(fault && { body: JSON.stringify(fault) }) })

async function openGcs(repeats = 0) {
  await steer('reset')
  const storage = createGcsStorage({ bucket: 'files', emulator, publicUrl: 'http://localhost:8080', repeats })
  return {
    storage,
    faults: {
      async outage() {
        await steer('faults', { kind: 'status', status: 503 })
      },
    },
    close: () => storage.close(),
  }
}

describeStorage('Cloud Storage', () => openGcs())
