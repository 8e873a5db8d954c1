import type { DueAccountMail } from '#shared/accounts/account-mail-repository.ts'
import { TOKEN_HOURS, tokenLink } from '#shared/accounts/mail-tokens.ts'
import { oneLine } from './message.ts'

type MailText = { subject: string; text: string }

/** Subject and plain text of an e-mail about an account. The subject holds nothing that a user chose. Pure. */
export function toAccountMailText(
  mail: Pick<DueAccountMail, 'kind' | 'username'>,
  { publicUrl, token = '' }: { publicUrl: string; token?: string | undefined },
): MailText {
  const account = `the account "${oneLine(mail.username)}" at ${publicUrl}`
  switch (mail.kind) {
    case 'verification':
      return {
        subject: 'Cutroom: confirm your e-mail address',
        text: lines(
          `Someone, hopefully you, gave this address for ${account}.`,
          '',
          `To confirm that it is yours, open this link within ${TOKEN_HOURS.verification / 24} days:`,
          '',
          `  ${tokenLink(publicUrl, mail.kind, token)}`,
          '',
          'or run:',
          '',
          `  ${curl(`${publicUrl}/auth/verify`, { token })}`,
          '',
          'If you did not ask for this, ignore this e-mail: nothing happens without the link.',
        ),
      }
    case 'password_reset':
      return {
        subject: 'Cutroom: choose a new password',
        text: lines(
          `Someone, hopefully you, asked for a new password for ${account}.`,
          '',
          'To choose one, open this link within an hour:',
          '',
          `  ${tokenLink(publicUrl, mail.kind, token)}`,
          '',
          'or run:',
          '',
          `  ${curl(`${publicUrl}/auth/password-reset/confirm`, { token, new_password: 'NEW PASSWORD' })}`,
          '',
          'If you did not ask for this, ignore this e-mail: your password stays as it is.',
        ),
      }
    case 'existing_account':
      return {
        subject: 'Cutroom: you have an account already',
        text: lines(
          `Someone, hopefully you, signed up with this address, which belongs to ${account}. No account was created.`,
          '',
          'Log in with your password. If you have forgotten it, ask for a new one:',
          '',
          `  ${curl(`${publicUrl}/auth/password-reset`, { email: 'YOUR ADDRESS' })}`,
          '',
          'If you did not sign up, ignore this e-mail.',
        ),
      }
  }
}

const lines = (...all: string[]) => [...all, ''].join('\n')

const curl = (url: string, body: object) =>
  `curl -X POST ${url} -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`
