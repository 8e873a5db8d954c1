/**
 * The README's commands for a running Cutroom, as one bash script: from the account to the downloaded `reel.mp4`, against a port
 * of this machine. What needs the internet is left out.
 */
export function quickStartOf(readme: string, port: number): string {
  const blocks = [...readme.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block = '']) => block)
  const local = blocks.filter((block) => !block.includes('"url": "https://'))
  return ['set -e', ...local].join('\n').replaceAll('localhost:8080', `localhost:${port}`)
}
