/** Sites whose share links lead to a page, while a link that leads to the file can be derived from them. */
type ShareSite = {
  matches(url: URL): boolean
  /** The link to the file; undefined when the page is not that of a single file. */
  direct(url: URL): string | undefined
  advice: string
}

const GOOGLE_DRIVE: ShareSite = {
  matches: ({ hostname }) =>
    ['drive.google.com', 'docs.google.com', 'drive.usercontent.google.com'].includes(hostname),
  direct(url) {
    const path = /^\/(?:a\/[^/]+\/)?file\/(?:u\/\d+\/)?d\/([\w-]+)(?:\/|$)/.exec(url.pathname)?.[1]
    const isLink = /^\/(?:u\/\d+\/)?(?:open|uc|download)$/.test(url.pathname)
    const id = path ?? (isLink ? url.searchParams.get('id') : null)
    if (!id || !/^[\w-]+$/.test(id)) return undefined
    // With `confirm`, large files come without the page that says they were not scanned for viruses.
    const query = new URLSearchParams({ id, export: 'download', confirm: 't' })
    const resourceKey = url.searchParams.get('resourcekey')
    if (resourceKey) query.set('resourcekey', resourceKey)
    return `https://drive.usercontent.google.com/download?${query}`
  },
  advice:
    'Use the share link of a single video file, and let anyone with the link view it; or download the file and upload it here.',
}

const DROPBOX: ShareSite = {
  matches: ({ hostname }) => ['dropbox.com', 'www.dropbox.com', 'm.dropbox.com'].includes(hostname),
  direct(url) {
    if (!/^\/(?:s|scl\/fi)\/[^/]+\/[^/]+/.test(url.pathname)) return undefined
    const direct = new URL(url)
    direct.hostname = 'www.dropbox.com'
    direct.protocol = 'https:'
    direct.searchParams.delete('raw')
    direct.searchParams.set('dl', '1')
    return direct.href
  },
  advice:
    'Use the share link of a single video file, with `dl=1` at its end; or download the file and upload it here.',
}

const SHARE_SITES = [GOOGLE_DRIVE, DROPBOX]

const siteOf = (address: string): [ShareSite, URL] | undefined => {
  const url = URL.parse(address)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined
  // A port or credentials make it something else than a share link.
  if (url.port !== '' || url.username !== '' || url.password !== '') return undefined
  const site = SHARE_SITES.find(({ matches }) => matches(url))
  return site && [site, url]
}

/** The address of the file behind a share link of Google Drive or Dropbox; any other address as it is. */
export function directLink(address: string): string {
  const [site, url] = siteOf(address) ?? []
  return (url && site?.direct(url)) ?? address
}

/** Which link to use instead of one that leads to a page. */
export const pageAdvice = (address: string): string =>
  siteOf(address)?.[0].advice ??
  'Use a direct download link: the address of the file itself, not of a page that shows it or asks to sign in.'
