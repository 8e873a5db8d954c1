import { minify } from '@swc/core'
import { textsPlugin } from './i18n/build-texts.mjs'

/** Builds the page: `node scripts/build-page.mjs`. */
export default {
  root: import.meta.dirname,
  base: '/',
  logLevel: 'warn',
  publicDir: false,
  // Without Preact's plugin: it would only add reloading while developing.
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', target: 'es2022' },
  plugins: [textsPlugin, { name: 'minify-with-swc', renderChunk: minifyChunk }],
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
