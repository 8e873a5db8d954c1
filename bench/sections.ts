/** A page with a section put in: in place of the one with the same title, else at the end. */
export function withSection(page: string, section: string): string {
  const title = section.split('\n')[0]
  const sections = page.trimEnd().split(/\n(?=## )/)
  const place = sections.findIndex((each) => each.split('\n')[0] === title)
  if (place >= 0) sections[place] = `${section.trim()}\n`
  else sections.push(`${section.trim()}\n`)
  return `${sections.map((each) => each.trimEnd()).join('\n\n')}\n`
}
