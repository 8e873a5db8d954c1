// Fills Node's compile cache while an image is built: loads every module of a service, with NODE_COMPILE_CACHE set.
// Web's modules then load in 0.4 s instead of 0.6 s.
//   node warm-cache.mjs web
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const service = process.argv[2]
const files = globSync(`dist/services/{shared,${service}}/**/*.js`)
// Loading main would start the service; what is for browsers, the Prisma client and the page, is not used.
const loaded = files.filter(
  (file) => !/(^|\/)main\.js$|\/generated\/.*browser\.js$|\/page\/built\//.test(file),
)
for (const file of loaded) await import(pathToFileURL(resolve(file)).href)
console.log(`loaded ${loaded.length} modules of ${service}`)
process.exit()
