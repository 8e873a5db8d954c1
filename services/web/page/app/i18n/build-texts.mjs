import { en } from './en.ts'
import { es } from './es.ts'

/** Texts whose names are put together while the page runs: `corner.${corner}`. */
const FAMILIES = [
  'audit',
  'bulk',
  'corner',
  'error',
  'filter',
  'order',
  'scope',
  'scopeText',
  'settings',
  'status',
  'thumbnails',
]

const isStatic = (name) => !FAMILIES.includes(name.split('.')[0])
const names = Object.keys(en)
/** The index that stands for each of the other names in the browser. Of the names of an array, indices come first. */
const ordered = [...names.filter(isStatic), ...names.filter((name) => !isStatic(name))]
const short = new Map(ordered.filter(isStatic).map((name, index) => [name, String(index)]))

/**
 * Makes the texts smaller, which are a third of the page: the texts whose names the build knows are a list, and an index stands for
 * each name; the languages beside English are lists in the order of the English one. The name of a text must not mean anything else in the page's code.
 */
export const textsPlugin = {
  name: 'texts',
  enforce: 'pre',
  load(id) {
    if (id.endsWith('/i18n/en.ts')) {
      const families = Object.fromEntries(ordered.slice(short.size).map((name) => [name, en[name]]))
      const texts = ordered.slice(0, short.size).map((name) => en[name])
      return `export const en = Object.assign(${JSON.stringify(texts)}, ${JSON.stringify(families)})`
    }
    if (!id.endsWith('/i18n/es.ts')) return undefined
    return `import { en } from './en.ts'
const texts = ${JSON.stringify(ordered.map((name) => es[name]))}
export const es = Object.fromEntries(Object.keys(en).map((name, index) => [name, texts[index]]))`
  },
  transform(code, id) {
    if (!/\/page\/app\/.*(?<!\/es)\.tsx?$/.test(id)) return undefined
    for (const [, family] of code.matchAll(/`(\w+)\.(?:\w+\.)*\$\{/g)) {
      if (names.some((name) => name.startsWith(`${family}.`) && isStatic(name)))
        this.error(`${id}: add ${family} to FAMILIES`)
    }
    return code.replace(/'([\w.]+)'/g, (literal, name) =>
      short.has(name) ? `'${short.get(name)}'` : literal,
    )
  },
  generateBundle(_, bundle) {
    for (const { code = '', fileName } of Object.values(bundle)) {
      const left = [...short.keys()].find((name) => code.includes(`"${name}"`) || code.includes(`'${name}'`))
      if (left) this.error(`${fileName} has the name ${left}; write it with single quotes`)
    }
  },
}
