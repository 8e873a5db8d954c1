import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ApiError } from '#client/core.ts'
import { apiError } from '../api/request.ts'

export type Remote<T> = {
  /** Undefined until it is loaded. */
  value: Signal<T | undefined>
  error: Signal<ApiError | undefined>
  /** Loads it again; what is shown stays until then. */
  reload(): Promise<void>
  /** Does something. An error is shown, and undefined returned. */
  attempt<R>(action: () => Promise<R>): Promise<R | undefined>
  /** Does something, and loads again. Returns whether it was done. */
  act(action: () => Promise<unknown>): Promise<boolean>
}

/** What the service knows, loaded when the component is shown. */
export function useRemote<T>(load: () => Promise<T>): Remote<T> {
  const value = useSignal<T | undefined>(undefined)
  const error = useSignal<ApiError | undefined>(undefined)
  async function attempt<R>(action: () => Promise<R>): Promise<R | undefined> {
    try {
      const result = await action()
      error.value = undefined
      return result
    } catch (thrown) {
      error.value = apiError(thrown)
      return undefined
    }
  }
  const reload = async () => {
    const loaded = await attempt(load)
    if (loaded !== undefined) value.value = loaded
  }
  useEffect(() => {
    reload()
  }, [])
  return {
    value,
    error,
    reload,
    attempt,
    async act(action) {
      const isDone = await attempt(async () => {
        await action()
        return true
      })
      if (isDone) await reload()
      return isDone === true
    },
  }
}
