import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageError } from './exit-codes.ts'

/** Asks on the terminal; a hidden answer is not shown while it is typed. @throws UsageError where there is no terminal. */
export async function ask(question: string, { isHidden = false } = {}): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new UsageError(
      `${question.trim()} cannot be asked without a terminal; pass an API key with: cutroom login --key < FILE`,
    )
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const output = isHidden ? silent : process.stderr
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  // The terminal echoes nothing by itself from here on.
  process.stderr.write(question)
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('close', () => reject(new UsageError('No answer.')))
      lines.once('SIGINT', () => reject(new UsageError('Interrupted.')))
    })
  } finally {
    lines.close()
    if (isHidden) process.stderr.write('\n')
  }
}

/** What is piped to stdin, without the line end. */
export const readStdin = async () => (await text(process.stdin)).trim()
