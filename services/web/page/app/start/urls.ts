/** The links in a pasted text, or undefined when something in it is no link. */
export function urlsIn(text: string): string[] | undefined {
  const words = text.split(/\s+/).filter(Boolean)
  if (words.length === 0 || !words.every(isUrl)) return undefined
  return [...new Set(words)]
}

const isUrl = (text: string) => /^https?:\/\/\S+\.?\S/i.test(text) && URL.canParse(text)
