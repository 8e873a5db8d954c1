/** A sandbox for media tools: what they see of the file system beside the directory of their job, all of it read-only. */
export type Sandbox = { program: string; readOnly: readonly string[] }

/** What programs of a Linux distribution need; each is left out where it does not exist. */
const SYSTEM_PATHS: readonly string[] = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib64', '/nix/store', '/gnu/store'],
  ...['/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d', '/etc/alternatives', '/etc/fonts'],
]

/**
 * The arguments of bubblewrap that run a tool with the system's files read-only, its job's directory writable, and nothing else:
 * no other files, no process but its own (so that it cannot read the environment of the service), no devices. The network is that
 * of the service, because the tool reads its sources over loopback.
 * https://github.com/containers/bubblewrap
 */
export function sandboxCommand({ program, readOnly }: Sandbox, dir: string | undefined): string[] {
  return [
    program,
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--die-with-parent', '--proc', '/proc', '--dev', '/dev'],
    ...[...SYSTEM_PATHS, ...readOnly].flatMap((path) => ['--ro-bind-try', path, path]),
    ...(dir === undefined ? [] : ['--bind', dir, dir]),
    ...['--remount-ro', '/', '--chdir', '/', '--'],
  ]
}
