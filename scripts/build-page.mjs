/**
 * Builds the web page into services/web/page/built: `node scripts/build-page.mjs`. Each file also gets a copy in Brotli and gzip,
 * since web compresses nothing while it serves. Plain JavaScript: scripts/setup.mjs runs it, and the build of the web image.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { gzipAsync } from '@gfx/zopfli'
import { build } from 'vite'

const PAGE = join(dirname(dirname(fileURLToPath(import.meta.url))), 'services/web/page')
const COMPRESSED = /\.(js|css|svg)$/

await build({ configFile: join(PAGE, 'app/vite.config.mjs') })

const assets = join(PAGE, 'built/assets')
for (const name of readdirSync(assets).filter((file) => COMPRESSED.test(file))) {
  const bytes = readFileSync(join(assets, name))
  // 3 % smaller than by zlib, which has less time.
  writeFileSync(join(assets, `${name}.gz`), await gzipAsync(bytes, { numiterations: 5 }))
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(join(assets, `${name}.br`), brotliCompressSync(bytes, { params }))
}
