import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Runs a Node script from the root of the repository.
 * @returns its output when it failed, otherwise an empty string.
 */
export async function runTool(root: string, script: string, ...args: string[]): Promise<string> {
  if (!existsSync(join(root, script))) return `${script} is missing; run npm install.`
  const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return code === 0 ? '' : output || `${script} exited with ${code}.`
}
