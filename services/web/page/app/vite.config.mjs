import { minify } from '@swc/core'

/** Builds the page: `node scripts/build-page.mjs`. */
export default {
  root: import.meta.dirname,
  base: '/',
  logLevel: 'warn',
  publicDir: false,
  // Without Preact's plugin: it would only add reloading while developing.
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', target: 'es2022' },
  plugins: [
    { name: 'texts-without-names', enforce: 'pre', load: loadTexts },
    { name: 'minify-with-swc', renderChunk: minifyChunk },
  ],
  build: {
    outDir: '../built',
    emptyOutDir: true,
    target: 'esnext',
    assetsInlineLimit: 0,
    // A chunk needs only those that are there when it is asked for, and all of the CSS comes first.
    modulePreload: false,
    cssCodeSplit: false,
    // Vite's own minifier leaves 3 % more.
    minify: false,
    cssMinify: true,
    reportCompressedSize: false,
    // Chunks that are small are merged: each is compressed by itself.
    rollupOptions: { output: { experimentalMinChunkSize: 60_000 } },
  },
}

function minifyChunk(code) {
  return minify(code, { module: true, ecma: 2022, mangle: true, compress: { passes: 3 } })
}

/** The names of the texts are in the browser with the English ones already; the others come in the same order without them. */
async function loadTexts(id) {
  if (!id.endsWith('/i18n/es.ts')) return undefined
  const [{ en }, { es }] = await Promise.all([import('./i18n/en.ts'), import('./i18n/es.ts')])
  const texts = Object.keys(en).map((name) => es[name])
  return `import { en } from './en.ts'
const texts = ${JSON.stringify(texts)}
export const es = Object.fromEntries(Object.keys(en).map((name, index) => [name, texts[index]]))`
}
