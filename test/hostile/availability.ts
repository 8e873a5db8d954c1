import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '#local/ports.ts'
import { openClips } from '../clips.ts'
import { type Stack, startStack } from '../e2e/stack.ts'
import type { Attack, Target } from './attacks.ts'
import type { AttackResult } from './availability-report.ts'
import { openAccount, openClient, upload } from './http-client.ts'
import { startAttack } from './start-attack.ts'
import { useService, type Victim } from './victim.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Attacks begin this long before the normal user comes. */
const LEAD_MS = 3_000
/** Two slots, of which one attacker may hold one; a proxy that reports the addresses of clients. */
const SETTINGS = { BATCH_CONCURRENCY: '2', TRUST_PROXY: '1' }

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs each attack against the whole stack, and measures what a normal user experiences before and during it. Every attack gets a stack of its own: what one leaves behind does not count against the next.
 */
export async function measureAvailability(
  attacks: Attack[],
  seconds: number,
  onResult: (result: AttackResult) => void,
): Promise<AttackResult[]> {
  const clips = await openClips()
  try {
    const clip = await readFile(await clips.clip({ size: '640x360', seconds: 20 }))
    const results: AttackResult[] = []
    for (const attack of attacks) {
      const result = await withStack(clip, ({ victim, target }) => measure(attack, victim, target, seconds))
      onResult(result)
      results.push(result)
    }
    return results
  } finally {
    await clips.remove()
  }
}

async function measure(
  attack: Attack,
  victim: Victim,
  target: Target,
  seconds: number,
): Promise<AttackResult> {
  const usual = await useService(victim, seconds)
  const running = await startAttack(attack.id, target)
  try {
    await sleep(LEAD_MS)
    const experience = await useService(victim, seconds)
    const tally = await running.end()
    const answers = tally.map(([answer, times]) => `${answer} (${times.toLocaleString('en')})`).join(', ')
    return { title: attack.title, answers, usual, experience }
  } finally {
    running.kill()
  }
}

async function withStack<T>(
  clip: Buffer,
  use: (open: { victim: Victim; target: Target }) => Promise<T>,
): Promise<T> {
  const dir = join(ROOT, '.cutroom-test', `hostile-${process.pid}`)
  await mkdir(dir, { recursive: true })
  const sourceHost = `127.0.0.1:${await freePort()}`
  let stack: Stack | undefined
  // A signal would end this process and leave the stack running.
  const stop = () => void stack?.kill().finally(() => process.exit(130))
  for (const signal of SIGNALS) process.once(signal, stop)
  try {
    stack = await startStack(dir, { ...SETTINGS, SOURCE_ALLOW_HOSTS: sourceHost })
    const client = openClient(stack.url, '203.0.113.1')
    const { token, email } = await openAccount(client, 'ada')
    const victim = { client, token, email, uploadId: await upload(client, token, clip) }
    // The first render warms up what every later one uses.
    await useService(victim, 1)
    const target = { url: stack.url, sourceHost: `http://${sourceHost}`, victimEmail: email }
    const result = await use({ victim, target })
    client.close()
    return result
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop)
    await stack?.kill()
    await rm(dir, { recursive: true, force: true })
  }
}
