/**
 * Loads the services, and exits: Node keeps their compiled code (NODE_COMPILE_CACHE), and each service that a test starts is ready
 * sooner. A service that a test kills keeps nothing.
 */
await Promise.all([
  import('#web/app.ts'),
  import('#web/deps.ts'),
  import('#batch/app.ts'),
  import('#batch/deps.ts'),
])
process.exit()
