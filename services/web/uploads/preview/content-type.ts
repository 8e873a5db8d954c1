/** Types that browsers play or show, and that run nothing. */
const SHOWN = /^(video|audio)\/[\w.+-]+$|^image\/(png|jpeg|webp|gif|avif)$/

const BY_EXTENSION: Record<string, string> = {
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  avi: 'video/x-msvideo',
  mpg: 'video/mpeg',
  ts: 'video/mp2t',
  ogv: 'video/ogg',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
}

/**
 * The content type under which an upload is shown: what its owner has announced, or what its name suggests. Anything that is not
 * media is only bytes: a page could run scripts.
 */
export function previewType({ filename, contentType }: { filename: string; contentType: string }): string {
  if (SHOWN.test(contentType)) return contentType
  const extension = /\.(\w+)$/.exec(filename)?.[1]?.toLowerCase() ?? ''
  return (Object.hasOwn(BY_EXTENSION, extension) && BY_EXTENSION[extension]) || 'application/octet-stream'
}
