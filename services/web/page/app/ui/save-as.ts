/** Has the browser save what a URL leads to. */
export function saveAs(url: string, name: string): void {
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
}
