export type PutReply = { status: number; range: string | null }

/**
 * PUTs bytes to an upload URL. XMLHttpRequest, since fetch reports no progress of what it sends. Never rejects: status 0 means that
 * there was no reply, or that `signal` was aborted.
 */
export function putChunk(
  url: string,
  body: Blob | null,
  headers: Record<string, string>,
  { signal, onProgress }: { signal: AbortSignal; onProgress?: (bytes: number) => void },
): Promise<PutReply> {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    const abort = () => xhr.abort()
    const done = () => {
      signal.removeEventListener('abort', abort)
      resolve({ status: xhr.status, range: xhr.status ? xhr.getResponseHeader('range') : null })
    }
    xhr.open('PUT', url)
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
    xhr.onloadend = done
    xhr.upload.onprogress = ({ loaded }) => onProgress?.(loaded)
    signal.addEventListener('abort', abort)
    if (signal.aborted) return done()
    xhr.send(body)
  })
}
