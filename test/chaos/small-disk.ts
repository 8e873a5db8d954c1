import { spawnSync } from 'node:child_process'

/**
 * Words before a command that give it a small disk of its own at `dir`, gone with it: a tmpfs in its own view of
 * the file systems. Undefined where neither root nor user namespaces allow it.
 */
export function smallDisk(dir: string, kilobytes: number): string[] | undefined {
  const script = `mkdir -p "$0" && mount -t tmpfs -o size=${kilobytes}k,mode=777 tmpfs "$0" && exec "$@"`
  for (const flags of [['--mount'], ['--user', '--map-root-user', '--mount']]) {
    const wrapper = ['unshare', ...flags, '--', 'sh', '-c', script, dir]
    const [command = '', ...words] = wrapper
    if (spawnSync(command, [...words, 'true']).status === 0) return wrapper
  }
  return undefined
}
