import { CreateTaskFields } from '#shared/contract/tasks.ts'
import type { FieldError } from '#shared/errors.ts'
import { fieldErrorsOf, invalidRequest, unstorableText } from '../http/field-errors.ts'

/** The errors in the text fields of a task form, of which only some may have arrived. */
export function checkTaskFields(fields: Record<string, string>): FieldError[] {
  const { data, error } = CreateTaskFields.safeParse(fields)
  return error ? fieldErrorsOf(error) : unstorableText(data)
}

/**
 * What the text fields of a task form ask for.
 * @throws CutroomError `request.invalid` for fields that checkTaskFields reports.
 */
export function parseTaskFields(fields: Record<string, string>): CreateTaskFields {
  const errors = checkTaskFields(fields)
  if (errors.length > 0) throw invalidRequest('form', errors)
  return CreateTaskFields.parse(fields)
}
