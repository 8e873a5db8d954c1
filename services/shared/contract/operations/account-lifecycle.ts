import {
  AccountExport,
  DeleteAccount,
  EmailRequest,
  LinkQuery,
  MailRequested,
  PasswordChange,
  ResetRequest,
  VerifyRequest,
} from '../accounts/lifecycle.ts'
import { User } from '../auth.ts'
import {
  deleteAccountExamples,
  emailExamples,
  passwordExamples,
  resetExamples,
  verifyExamples,
} from '../examples.ts'
import type { Operation } from '../operation.ts'

export const lifecycleOperations = {
  changePassword: {
    id: 'changePassword',
    method: 'post',
    path: '/auth/password',
    summary: 'Change the password',
    description: 'Takes the current password.',
    tag: 'accounts',
    access: 'user',
    scope: 'account',
    body: PasswordChange,
    examples: passwordExamples,
    replies: { 204: { description: 'The password has been changed' } },
    problems: [403],
  },
  requestVerification: {
    id: 'requestVerification',
    method: 'post',
    path: '/auth/verification',
    summary: 'Send the verification e-mail again',
    description:
      'Sends an e-mail to the address of an account or a sign-up that has not been verified. The reply is the same for every ' +
      'address. A mailbox gets at most five of these e-mails in an hour.',
    tag: 'accounts',
    access: 'public',
    body: EmailRequest,
    examples: emailExamples,
    replies: { 202: { description: 'The request has been accepted', body: MailRequested } },
  },
  verifyPage: {
    id: 'verifyPage',
    method: 'get',
    path: '/auth/verify',
    summary: 'Open the link of a verification e-mail',
    description:
      'A form that sends the token to `POST /auth/verify`. Browsers are redirected to the web page, which does the same.',
    tag: 'accounts',
    access: 'public',
    query: LinkQuery,
    replies: {
      200: { description: 'The form', body: 'text/html' },
      303: { description: 'To the web page, for clients that prefer HTML' },
    },
  },
  verifyEmail: {
    id: 'verifyEmail',
    method: 'post',
    path: '/auth/verify',
    summary: 'Verify an e-mail address',
    description:
      'Takes the token from the e-mail, which is valid for three days and works once. A sign-up that waited for it becomes an ' +
      'account. If an account that nobody has verified had the address, it is deleted with its tasks and files: the address ' +
      'belongs to whoever reads its mail.',
    tag: 'accounts',
    access: 'public',
    acceptsForm: true,
    body: VerifyRequest,
    examples: verifyExamples,
    replies: { 200: { description: 'The account', body: User } },
    problems: [403, 409],
  },
  requestPasswordReset: {
    id: 'requestPasswordReset',
    method: 'post',
    path: '/auth/password-reset',
    summary: 'Ask for a new password',
    description:
      "Sends an e-mail with a token to the account's address. The reply is the same for every address. A mailbox gets at most " +
      'five e-mails about accounts in an hour.',
    tag: 'accounts',
    access: 'public',
    body: EmailRequest,
    examples: emailExamples,
    replies: { 202: { description: 'The request has been accepted', body: MailRequested } },
  },
  passwordResetPage: {
    id: 'passwordResetPage',
    method: 'get',
    path: '/auth/password-reset',
    summary: 'Open the link of a password e-mail',
    description:
      'A form that sends the token and a new password to `POST /auth/password-reset/confirm`. Browsers are redirected to the web ' +
      'page, which does the same.',
    tag: 'accounts',
    access: 'public',
    query: LinkQuery,
    replies: {
      200: { description: 'The form', body: 'text/html' },
      303: { description: 'To the web page, for clients that prefer HTML' },
    },
  },
  confirmPasswordReset: {
    id: 'confirmPasswordReset',
    method: 'post',
    path: '/auth/password-reset/confirm',
    summary: 'Set a new password',
    description:
      'Takes the token from the e-mail, which is valid for an hour and works once. It verifies the address as well.',
    tag: 'accounts',
    access: 'public',
    acceptsForm: true,
    body: ResetRequest,
    examples: resetExamples,
    replies: { 204: { description: 'The password has been set' } },
    problems: [403],
  },
  exportAccount: {
    id: 'exportAccount',
    method: 'get',
    path: '/auth/export',
    summary: 'Export the account',
    description: 'Everything that is stored about the account, as one JSON document that is streamed.',
    tag: 'accounts',
    access: 'user',
    scope: 'account',
    replies: { 200: { description: 'What is stored', body: AccountExport } },
  },
  deleteAccount: {
    id: 'deleteAccount',
    method: 'delete',
    path: '/auth/me',
    summary: 'Delete the account',
    description:
      'Takes the password. The account is gone at once; its tasks are aborted, and tasks and files are deleted within minutes. ' +
      'This cannot be undone.',
    tag: 'accounts',
    access: 'user',
    scope: 'account',
    body: DeleteAccount,
    examples: deleteAccountExamples,
    replies: { 204: { description: 'The account has been deleted' } },
    problems: [403],
  },
} as const satisfies Record<string, Operation>
