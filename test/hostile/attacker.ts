/** The process of an attacker, so that its work does not delay the normal user's. Started by startAttack; speaks IPC. */
import { attacks, type Tally, type Target } from './attacks.ts'

const [id, target] = process.argv.slice(2)
const attack = attacks.find((each) => each.id === id)
if (!attack) throw new Error(`There is no attack ${id}.`)
const run = await attack.prepare(JSON.parse(target ?? '{}') as Target)
const end = new AbortController()
process.once('message', () => end.abort())
process.once('disconnect', () => process.exit(1))
process.send?.('attacking')

const tally: Tally = new Map()
await run(tally, end.signal)
if (!end.signal.aborted) await new Promise((resolve) => end.signal.addEventListener('abort', resolve))
process.send?.([...tally], () => process.exit(0))
