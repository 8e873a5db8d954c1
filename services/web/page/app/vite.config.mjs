/** Builds the page: `node scripts/build-page.mjs`. */
export default {
  root: import.meta.dirname,
  base: '/',
  logLevel: 'warn',
  publicDir: false,
  // Without Preact's plugin: it would only add reloading while developing.
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  plugins: [{ name: 'texts-without-names', enforce: 'pre', load: loadTexts }],
  build: {
    outDir: '../built',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Chunks that are small are merged: each is compressed by itself.
    rollupOptions: { output: { experimentalMinChunkSize: 60_000 } },
  },
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
