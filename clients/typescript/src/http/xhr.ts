/** What is used of XMLHttpRequest: the types of Node do not have it. */
type Xhr = {
  status: number
  responseText: string
  upload: { onprogress: ((event: { loaded: number }) => void) | null }
  onloadend: (() => void) | null
  open(method: string, url: string): void
  setRequestHeader(name: string, value: string): void
  getAllResponseHeaders(): string
  send(body: unknown): void
  abort(): void
}
export type Init = {
  method: string
  headers: Record<string, string>
  body?: string | Blob
  signal?: AbortSignal
}

/** `XMLHttpRequest`, where there is one: in browsers. */
export const xhrOf = () =>
  (globalThis as { XMLHttpRequest?: unknown }).XMLHttpRequest as (new () => Xhr) | undefined

/** As `fetch`, and reports how many bytes of the body have left, which no `fetch` does. */
export function sendByXhr(
  Xhr: new () => Xhr,
  url: string,
  { method, headers, body, signal }: Init,
  onSent: (bytes: number) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const xhr = new Xhr()
    const abort = () => xhr.abort()
    xhr.open(method, url)
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
    xhr.upload.onprogress = ({ loaded }) => onSent(loaded)
    xhr.onloadend = () => {
      signal?.removeEventListener('abort', abort)
      const { status } = xhr
      if (!status) return reject(new TypeError('no reply'))
      // Those that the page may read: asking for another one is reported in the console.
      const replied = [...xhr.getAllResponseHeaders().matchAll(/^(.+?): (.*)$/gm)]
      const init = {
        status,
        headers: replied.map(([, name = '', value = '']): [string, string] => [name, value]),
      }
      resolve(new Response(xhr.responseText || null, init))
    }
    signal?.throwIfAborted()
    signal?.addEventListener('abort', abort)
    xhr.send(body)
  })
}
