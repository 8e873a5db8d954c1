import { z } from 'zod'
import { ApiKeyList, CreateApiKey, NewApiKey } from '../accounts/api-keys.ts'
import { AuditPage, AuditQuery } from '../accounts/audit.ts'
import { EndedSessions, SessionList } from '../accounts/sessions.ts'
import { keyExamples } from '../examples.ts'
import { Uuid } from '../id.ts'
import type { Operation } from '../operation.ts'

const Id = z.object({ id: Uuid })

export const securityOperations = {
  createKey: {
    id: 'createKey',
    method: 'post',
    path: '/auth/keys',
    summary: 'Create an API key',
    description:
      'An API key is sent in place of a token, as `Authorization: Bearer ck_…`, and may do what its scopes allow. The ' +
      'reply is the only one that contains it. An account can have 50 keys (409 `key.too_many`). A key can create ' +
      'others with scopes that it has itself; they expire no later than it does.',
    tag: 'security',
    access: 'user',
    scope: 'account',
    body: CreateApiKey,
    examples: keyExamples,
    replies: { 201: { description: 'The new key', body: NewApiKey } },
    problems: [409],
  },
  listKeys: {
    id: 'listKeys',
    method: 'get',
    path: '/auth/keys',
    summary: 'List API keys',
    tag: 'security',
    access: 'user',
    scope: 'account',
    replies: { 200: { description: 'All keys that have not expired, the newest first', body: ApiKeyList } },
  },
  revokeKey: {
    id: 'revokeKey',
    method: 'delete',
    path: '/auth/keys/{id}',
    summary: 'Revoke an API key',
    description: 'The key is refused within 5 seconds.',
    tag: 'security',
    access: 'user',
    scope: 'account',
    params: Id,
    notFound: 'key.not_found',
    replies: { 204: { description: 'Revoked' } },
    problems: [404],
  },
  listSessions: {
    id: 'listSessions',
    method: 'get',
    path: '/auth/sessions',
    summary: 'List sessions',
    tag: 'security',
    access: 'user',
    scope: 'account',
    replies: {
      200: {
        description: 'All sessions that have not ended, the most recently used first',
        body: SessionList,
      },
    },
  },
  endOtherSessions: {
    id: 'endOtherSessions',
    method: 'delete',
    path: '/auth/sessions',
    summary: 'End all other sessions',
    description: 'Their tokens are refused within 5 seconds. API keys are not affected.',
    tag: 'security',
    access: 'user',
    scope: 'account',
    replies: { 200: { description: 'The number of sessions ended', body: EndedSessions } },
  },
  endSession: {
    id: 'endSession',
    method: 'delete',
    path: '/auth/sessions/{id}',
    summary: 'End a session',
    description: 'Its tokens are refused within 5 seconds.',
    tag: 'security',
    access: 'user',
    scope: 'account',
    params: Id,
    notFound: 'session.not_found',
    replies: { 204: { description: 'Ended' } },
    problems: [404],
  },
  audit: {
    id: 'audit',
    method: 'get',
    path: '/auth/audit',
    summary: 'List audit events',
    description:
      'What was done with the account, from where and when, the newest first: logins and failed logins, sessions, API ' +
      'keys, passwords, the webhook secret and deleted tasks. Events are kept for 90 days unless the operator has ' +
      'chosen otherwise.',
    tag: 'security',
    access: 'user',
    scope: 'account',
    query: AuditQuery,
    replies: { 200: { description: 'A page of events', body: AuditPage } },
  },
  logout: {
    id: 'logout',
    method: 'post',
    path: '/auth/logout',
    summary: 'Log out',
    description:
      'Ends the session of the token: the token and its refresh token are refused within 5 seconds. An API key has no ' +
      'session (403 `auth.session_required`); revoke it instead.',
    tag: 'security',
    access: 'user',
    scope: 'account',
    replies: { 204: { description: 'Logged out' } },
  },
} as const satisfies Record<string, Operation>
