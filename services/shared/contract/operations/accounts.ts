import { RefreshRequest } from '../accounts/sessions.ts'
import { LoginRequest, SignupPending, SignupRequest, Token, User } from '../auth.ts'
import { loginExamples, refreshExamples, signupExamples } from '../examples.ts'
import { WebhookSecret } from '../notify.ts'
import type { Operation } from '../operation.ts'

export const accountOperations = {
  signup: {
    id: 'signup',
    method: 'post',
    path: '/auth/signup',
    summary: 'Create an account',
    description:
      "User names and e-mail addresses are unique, regardless of case; a user name that looks like another user's is taken " +
      'too. If either is taken, the reply is 409 `user.exists`. Where addresses must be verified (`EMAIL_VERIFICATION=required`), ' +
      'the reply is 202 for every address, and the account is created when the link that is mailed to it is opened; if the ' +
      'address has an account, its owner is informed.',
    tag: 'accounts',
    access: 'public',
    body: SignupRequest,
    examples: signupExamples,
    replies: {
      201: { description: 'The new account', body: User },
      202: { description: 'The address has to be verified first', body: SignupPending },
    },
    problems: [409],
  },
  login: {
    id: 'login',
    method: 'post',
    path: '/auth/login',
    summary: 'Log in',
    description:
      'Returns a token that is valid for `expires_in` seconds. With `refresh`, that is a short time, and the reply ' +
      'has a `refresh_token` to get the next token with. The reply to an unknown e-mail address is the same as to a ' +
      'wrong password.',
    tag: 'accounts',
    access: 'public',
    body: LoginRequest,
    examples: loginExamples,
    replies: { 200: { description: 'A token for the `Authorization` header', body: Token } },
    problems: [401],
  },
  refresh: {
    id: 'refresh',
    method: 'post',
    path: '/auth/refresh',
    summary: 'Get a new token',
    description:
      'Exchanges a refresh token for a new token and a new refresh token. Each refresh token can be used once: using ' +
      'it again ends the session (401 `auth.refresh_reused`), since one of its two users must have stolen it. Within ' +
      '10 seconds of its first use the reply is 409 `auth.refresh_replaced` and the session goes on, so that two tabs ' +
      'of a browser cannot end it by accident.',
    tag: 'accounts',
    access: 'public',
    body: RefreshRequest,
    examples: refreshExamples,
    replies: { 200: { description: 'A token and the next refresh token', body: Token } },
    problems: [401, 409],
  },
  me: {
    id: 'me',
    method: 'get',
    path: '/auth/me',
    summary: 'Get the current account',
    tag: 'accounts',
    access: 'user',
    scope: 'account',
    replies: { 200: { description: 'The account that the token belongs to', body: User } },
  },
  webhookSecret: {
    id: 'webhookSecret',
    method: 'get',
    path: '/auth/webhook-secret',
    summary: 'Get the webhook signing secret',
    description:
      'Verify the signature of each webhook with this secret, as ' +
      '[Standard Webhooks](https://www.standardwebhooks.com) specifies.',
    tag: 'accounts',
    access: 'user',
    scope: 'account',
    replies: { 200: { description: 'The signing secret', body: WebhookSecret } },
  },
  replaceWebhookSecret: {
    id: 'replaceWebhookSecret',
    method: 'post',
    path: '/auth/webhook-secret',
    summary: 'Replace the webhook signing secret',
    description:
      'Takes effect immediately: every later delivery is signed with the new secret only. For a time in which both are valid, use a ' +
      'webhook endpoint.',
    tag: 'accounts',
    access: 'user',
    scope: 'account',
    replies: { 200: { description: 'The new signing secret', body: WebhookSecret } },
  },
} as const satisfies Record<string, Operation>
