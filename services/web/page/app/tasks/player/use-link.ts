import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { linkOutput, ownUrl } from '../../api/operations.ts'

/** A link to an output that players can use, since they send no token; undefined until there is one, or for no output. */
export function useLink(id: string, name: string | undefined): Signal<string | undefined> {
  const url = useSignal<string | undefined>(undefined)
  useEffect(() => {
    url.value = undefined
    if (name === undefined) return
    linkOutput(id, name)
      .then((link) => (url.value = ownUrl(link.url)))
      // The row of the output still offers the download.
      .catch(() => undefined)
  }, [id, name])
  return url
}
