/** Builds the page: `node scripts/build-page.mjs`. */
export default {
  root: import.meta.dirname,
  base: '/',
  logLevel: 'warn',
  publicDir: false,
  // Without Preact's plugin: it would only add reloading while developing.
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: '../built',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
}
