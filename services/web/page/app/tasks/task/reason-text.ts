import { isText, t } from '../../i18n/index.ts'

/** Why an attempt failed: in the words of the page where it has some, else in those of the service. */
export function reasonText({ code, message }: { code: string; message: string }): string {
  const name = `reason.${code}`
  return isText(name) ? t(name) : message
}
