/**
 * One project for each speed; the suffix of a test file says which one it belongs to.
 *
 *   unit   x.test.ts        pure: no file, socket, process or timer worth measuring
 *   io     x.io.test.ts     files, loopback sockets, child processes, fake servers
 *   api    x.api.test.ts    a real Postgres
 *   media  x.media.test.ts  a real ffmpeg
 *   e2e    x.e2e.test.ts    whole services as processes
 */
const SUFFIXES = ['io', 'api', 'media', 'e2e']

const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
}
const project = (displayName, suffix, more = {}) => ({
  ...shared,
  displayName,
  testMatch: [`<rootDir>/{services,clients,scripts,test,bench,deploy}/**/*.${suffix}.ts`],
  ...more,
})

export default {
  // Ends a test that hangs. None is expected to be fast: a busy machine takes many times as long.
  testTimeout: 30_000,
  projects: [
    project('unit', 'test', { testPathIgnorePatterns: [`\\.(${SUFFIXES.join('|')})\\.test\\.ts$`] }),
    ...SUFFIXES.map((name) => project(name, `${name}.test`)),
  ],
}
