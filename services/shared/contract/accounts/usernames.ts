import { z } from 'zod'

/** The scripts in everyday use, by their Unicode names: https://www.unicode.org/reports/tr31/#Table_Recommended_Scripts */
const SCRIPTS = [
  'Arabic Armenian Bengali Bopomofo Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew',
  'Hiragana Kannada Katakana Khmer Lao Latin Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan',
]
  .join(' ')
  .split(' ')

/** Scripts that are written together: https://www.unicode.org/reports/tr39/#Mixed_Script_Detection */
const COMBINATIONS = [
  ['Han', 'Hiragana', 'Katakana'],
  ['Han', 'Hangul'],
  ['Han', 'Bopomofo'],
]

/** For each script, the texts in it. Digits, `.`, `_` and `-` belong to every script. */
const TEXTS = [...SCRIPTS.map((script) => [script]), ...COMBINATIONS].map((scripts) => {
  const letters = scripts.map((script) => `\\p{Script_Extensions=${script}}`).join('')
  return new RegExp(`^[${letters}\\p{Script=Common}\\p{Script=Inherited}]+$`, 'u')
})

/** Whether the letters of a name belong to one script, so that none can stand in for a letter of another. */
const isOfOneScript = (name: string): boolean => {
  const normal = name.normalize('NFKC')
  return TEXTS.some((text) => text.test(normal))
}

/** Letters that nobody sees, such as the Hangul fillers: https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point */
const isVisible = (name: string): boolean => !/\p{Default_Ignorable_Code_Point}/u.test(name)

/** A name for a new account. */
export const NewUsername = z
  .string()
  .trim()
  .min(3)
  .max(40)
  .regex(/^[\p{L}\p{N}._-]+$/u, { error: 'may contain only letters, digits, `.`, `_` and `-`' })
  .regex(/^[\p{L}\p{N}]/u, { error: 'must begin with a letter or a digit' })
  .refine(isVisible, { error: 'must not contain invisible characters' })
  .refine(isOfOneScript, { error: 'must use the letters of one script, such as Latin or Cyrillic' })
  .meta({
    description:
      '3 to 40 letters of one script, digits, `.`, `_` or `-`, beginning with a letter or a digit. Names that look like an ' +
      "existing user's are taken.",
    example: 'ada',
  })
