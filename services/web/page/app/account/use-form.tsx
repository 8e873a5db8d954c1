import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { ApiError } from '#client/core.ts'
import { apiError } from '../api/request.ts'
import { Notice } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'

type Errors<Values> = { [Name in keyof Values]?: string }

type Options<Values> = {
  /** What is wrong before anything is sent: texts of the page by field. */
  check: (values: Values) => Errors<Values>
  send: (values: Values) => Promise<unknown>
  /** The field that an error of the service is about, where the service names none. */
  fieldOfCode?: Record<string, keyof Values & string>
}

/**
 * A form whose errors stand beside their fields: the page's own, and those of the service. The first field with an error gets the
 * focus. `notice` is an error that belongs to no field.
 */
export function useForm<Values extends Record<string, string>>(
  initial: Values,
  { check, send, fieldOfCode = {} }: Options<Values>,
) {
  const values = useSignal(initial)
  const errors = useSignal<Errors<Values>>({})
  const failure = useSignal<ApiError | undefined>(undefined)
  const isBusy = useSignal(false)
  const ref = useRef<HTMLFormElement>(null)

  // Once it is marked.
  useEffect(() => {
    ref.current?.querySelector<HTMLInputElement>('[aria-invalid=true]')?.focus()
  }, [errors.value])

  function clearErrors() {
    errors.value = {}
    failure.value = undefined
  }

  async function submit(event: SubmitEvent) {
    event.preventDefault()
    failure.value = undefined
    errors.value = check(values.value)
    if (Object.keys(errors.value).length > 0) return
    isBusy.value = true
    try {
      await send(values.value)
    } catch (thrown) {
      const error = apiError(thrown)
      const field = fieldOfCode[error.code]
      const known = error.errors.flatMap(({ path, message }) => (path in initial ? [[path, message]] : []))
      errors.value = (field ? { [field]: errorText(error) } : Object.fromEntries(known)) as Errors<Values>
      if (!field) failure.value = error
    } finally {
      isBusy.value = false
    }
  }

  return {
    values,
    isBusy,
    ref,
    submit,
    notice: (failure.value && <Notice>{errorText(failure.value)}</Notice>) as ComponentChildren,
    /** What an input of this name needs. */
    field: (name: keyof Values & string) => ({
      name,
      value: values.value[name] ?? '',
      error: errors.value[name],
      onInput: (value: string) => {
        values.value = { ...values.value, [name]: value }
      },
    }),
    clearErrors,
    /** Empties it. */
    reset() {
      values.value = initial
      clearErrors()
    },
  }
}
