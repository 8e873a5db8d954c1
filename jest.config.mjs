// Three speeds and the whole: unit (pure, seconds), api (real Postgres), media (real ffmpeg), e2e (the
// stack as processes). The suffix of a test file says which it is.
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
const speed = (displayName, suffix, more = {}) => ({
  ...shared,
  displayName,
  testMatch: [`<rootDir>/{services,scripts,test,bench,deploy}/**/*.${suffix}.ts`],
  ...more,
})

export default {
  projects: [
    speed('unit', 'test', { testPathIgnorePatterns: ['\\.(api|media|e2e)\\.test\\.ts$'] }),
    speed('api', 'api.test'),
    speed('media', 'media.test'),
    speed('e2e', 'e2e.test'),
  ],
}
