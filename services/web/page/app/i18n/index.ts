import { batch, computed, signal } from '@preact/signals'
import { en, type Text } from './en.ts'

export type { Text }
export type Language = 'en' | 'es'

const STORAGE_KEY = 'cutroom.language'

export const LANGUAGES: { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'es', name: 'Español' },
]

/** The texts of the other languages are loaded when they are needed. */
const LOADERS: Record<Language, () => Promise<Record<Text, string>>> = {
  en: async () => en,
  es: async () => (await import('./es.ts')).es,
}

const dictionary = signal<Record<Text, string>>(en)
export const language = signal<Language>('en')

/** Changes the language, from now on. The page stays as it is when the texts cannot be loaded. */
export async function setLanguage(code: Language): Promise<void> {
  localStorage.setItem(STORAGE_KEY, code)
  await use(code)
}

/** Chooses the language at the start: the one that was chosen before, or the browser's. */
export const startLanguage = (): Promise<void> => use(initialLanguage())

async function use(code: Language): Promise<void> {
  const texts = await LOADERS[code]().catch(() => undefined)
  if (!texts) return
  document.documentElement.lang = code
  batch(() => {
    dictionary.value = texts
    language.value = code
  })
}

/** A text in the language of the page; `{name}` is replaced by the parameter of that name. */
export function t(text: Text, parameters: Record<string, string | number> = {}): string {
  return dictionary.value[text].replace(/\{(\w+)\}/g, (_, name) => String(parameters[name]))
}

/** Whether there is a text of this name; for names that are built from codes of the API. */
export const isText = (name: string): name is Text => name in en

/** With the country that the browser names: dates and numbers differ between them. */
const locale = computed(
  () => navigator.languages.find((tag) => tag.startsWith(language.value)) ?? language.value,
)

const numbers = computed(() => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }))

/** 1234567 → 1.2 MB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(Math.max(1, bytes)) / 3), units.length - 1)
  return `${numbers.value.format(bytes / 1000 ** power)} ${units[power]}`
}

/** 95 → 1 min 35 s. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`
}

/** Date and time; without the year when it is this one. */
export function formatDate(iso: string): string {
  const date = new Date(iso)
  return new Intl.DateTimeFormat(locale.value, {
    day: 'numeric',
    month: 'short',
    ...(date.getFullYear() !== new Date().getFullYear() && { year: 'numeric' }),
    hour: 'numeric',
    minute: '2-digit',
  }).format(date)
}

function initialLanguage(): Language {
  const wanted = [localStorage.getItem(STORAGE_KEY), ...navigator.languages]
  const codes = LANGUAGES.map(({ code }) => code)
  return (
    codes.find(
      (code) => code === wanted.map((tag) => tag?.slice(0, 2)).find((tag) => tag === 'en' || tag === 'es'),
    ) ?? 'en'
  )
}
