import type { Request, Response } from 'express'
import type { ApiKeyRepository } from '#shared/accounts/api-key-repository.ts'
import type { SessionRepository } from '#shared/accounts/session-repository.ts'
import type { Config } from '#shared/config.ts'
import { operations } from '#shared/contract/operations.ts'
import type { Database } from '#shared/database/database.ts'
import { logOf } from '#shared/http/request-context.ts'
import type { EndpointRepository } from '#shared/webhooks/endpoint-repository.ts'
import type { Reply, Route } from '../../http/operation-router.ts'
import type { Accounts } from '../accounts.ts'
import type { Passwords } from '../passwords.ts'
import type { AccountMails } from './account-mails.ts'
import { changePassword, resetPassword } from './change-password.ts'
import { deleteAccount } from './delete-account.ts'
import { exportAccount } from './export-account.ts'
import { passwordResetPage, verifyPage } from './link-pages.ts'
import { verifyEmail } from './verify-email.ts'

export type LifecycleDeps = {
  config: Config
  database: Database
  accounts: Accounts
  accountMails: AccountMails
  passwords: Passwords
  sessions: SessionRepository
  keyRows: ApiKeyRepository
  endpoints: EndpointRepository
}

const NO_STORE = { 'Cache-Control': 'no-store' }
/** A page may send its form to this service, and do nothing else. */
const PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const DONE: Reply = { status: 204 }

/** Password change and reset, verification of addresses, deletion and export of accounts. */
export function mountAccountLifecycle(route: Route, deps: LifecycleDeps): void {
  const { accountMails } = deps

  route(operations.changePassword, async ({ user, body, req }) => {
    await changePassword({ user, body, req }, deps)
    return DONE
  })

  route(operations.requestVerification, async ({ body: { email } }) => {
    await accountMails.verification(email)
    return mailRequested(email)
  })
  route(operations.verifyPage, ({ query, req, res }) =>
    sendPage({ req, res }, { html: verifyPage(query.token), view: `verify/${query.token}` }),
  )
  route(operations.verifyEmail, async ({ body, req }) => ({
    status: 200,
    body: await verifyEmail({ token: body.token, req }, deps),
    headers: NO_STORE,
  }))

  route(operations.requestPasswordReset, async ({ body: { email } }) => {
    await accountMails.reset(email)
    return mailRequested(email)
  })
  route(operations.passwordResetPage, ({ query, req, res }) =>
    sendPage({ req, res }, { html: passwordResetPage(query.token), view: `reset/${query.token}` }),
  )
  route(operations.confirmPasswordReset, async ({ body, req }) => {
    await resetPassword({ body, req }, deps)
    return DONE
  })

  route(operations.exportAccount, async ({ user, req, res }) => {
    await exportAccount(user, { req, res }, deps)
    return undefined
  })
  route(operations.deleteAccount, async ({ user, body, req, res }) => {
    await deleteAccount({ user, password: body.password, req, log: logOf(res) }, deps)
    return DONE
  })
}

const mailRequested = (email: string): Reply => ({ status: 202, body: { email, status: 'mail_requested' } })

/**
 * Leads browsers to a view of the web page, and others to a form. The token follows `#`, so that neither this service nor another
 * one is sent it with the page.
 */
async function sendPage(
  { req, res }: { req: Request; res: Response },
  { html, view }: { html: string; view: string },
): Promise<undefined> {
  res.set(NO_STORE).vary('Accept')
  if (req.accepts(['json', 'html']) === 'html') {
    res.status(303).location(`/#/${view}`).end()
    return
  }
  res.status(200).type('text/html').set('Content-Security-Policy', PAGE_POLICY).send(html)
}
