import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageError } from './exit-codes.ts'

/** Asks on the terminal; a hidden answer is not shown while it is typed. @throws UsageError where there is no terminal, and the reason of `signal`. */
export async function ask(what: string, signal: AbortSignal, { isHidden = false } = {}): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new UsageError(
      `Cannot ask for ${what} without a terminal; pass an API key with: cutroom login --key < FILE`,
    )
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const output = isHidden ? silent : process.stderr
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  // The terminal echoes nothing by itself from here on.
  process.stderr.write(`${what}: `)
  let isAnswered = false
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('close', () => reject(new UsageError('No answer.')))
      // The terminal sends no signal while a line is being typed.
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    isAnswered = !isHidden
    return answer
  } finally {
    lines.close()
    if (!isAnswered) process.stderr.write('\n')
  }
}

/** What is piped to stdin, without the line end. */
export const readStdin = async () => (await text(process.stdin)).trim()
