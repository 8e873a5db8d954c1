import { spawnSync } from 'node:child_process'

/**
 * Command prefix that runs a command in a mount namespace of its own with a small tmpfs at `dir`, which disappears with the
 * command. Undefined where neither root nor user namespaces allow it.
 */
export function smallDisk(dir: string, kilobytes: number): string[] | undefined {
  const script = `mkdir -p "$0" && mount -t tmpfs -o size=${kilobytes}k,mode=777 tmpfs "$0" && exec "$@"`
  for (const flags of [['--mount'], ['--user', '--map-root-user', '--mount']]) {
    const wrapper = ['unshare', ...flags, '--', 'sh', '-c', script, dir]
    const [command = '', ...args] = wrapper
    if (spawnSync(command, [...args, 'true']).status === 0) return wrapper
  }
  return undefined
}
