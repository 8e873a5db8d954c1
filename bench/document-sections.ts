/** Replaces the section of the same title in a document, or appends it. */
export function withSection(page: string, section: string): string {
  const title = section.split('\n')[0]
  const sections = page.trimEnd().split(/\n(?=## )/)
  const index = sections.findIndex((each) => each.split('\n')[0] === title)
  if (index >= 0) sections[index] = `${section.trim()}\n`
  else sections.push(`${section.trim()}\n`)
  return `${sections.map((each) => each.trimEnd()).join('\n\n')}\n`
}
