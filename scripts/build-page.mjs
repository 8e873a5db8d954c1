/**
 * Builds the web page into services/web/page/built: `node scripts/build-page.mjs`. Each file also gets a copy in Brotli and gzip,
 * since web compresses nothing while it serves. Plain JavaScript: scripts/setup.mjs runs it, and the build of the web image.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const PAGE = join(dirname(dirname(fileURLToPath(import.meta.url))), 'services/web/page')
const COMPRESSED = /\.(js|css|svg)$/

await build({ configFile: join(PAGE, 'app/vite.config.mjs') })

const assets = join(PAGE, 'built/assets')
for (const name of readdirSync(assets).filter((file) => COMPRESSED.test(file))) {
  const bytes = readFileSync(join(assets, name))
  writeFileSync(join(assets, `${name}.gz`), smallestGzip(bytes))
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(join(assets, `${name}.br`), brotliCompressSync(bytes, { params }))
}

/** How often the code tables change depends on the memory that zlib has; which is best depends on the file. */
function smallestGzip(bytes) {
  const sizes = [4, 5, 6, 7, 8, 9].map((memLevel) => gzipSync(bytes, { level: 9, memLevel }))
  return sizes.reduce((best, one) => (one.length < best.length ? one : best))
}
