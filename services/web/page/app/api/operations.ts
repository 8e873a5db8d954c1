import * as api from '#client/core.ts'
import type { LoginRequest, SignupRequest } from '#shared/contract/auth.ts'
import type { DryRunResult } from '#shared/contract/dry-run.ts'
import type { BulkResult, BulkTasks } from '#shared/contract/tasks/bulk.ts'
import type { Task, TaskDetails, TaskSummary } from '#shared/contract/tasks.ts'
import type { TaskBody } from '../edit/task-body.ts'
import { call } from './request.ts'
import { anonymous, forget, keep } from './session.ts'

/** JSON leaves out what is undefined. */
type NewTask = api.Arguments<'createTask'>['body']
export type TaskPage = { tasks: TaskSummary[]; next_page: string | null }

export async function logIn(credentials: Omit<LoginRequest, 'refresh'>): Promise<void> {
  keep(await anonymous.call(api.login, { body: { ...credentials, refresh: true } }))
}

/** Creates an account and logs in. Where the address has to be verified first, there is nothing to log in to yet. */
export async function signUp(account: SignupRequest): Promise<'created' | 'verification_required'> {
  const reply = await anonymous.call(api.signup, { body: account })
  if ('status' in reply) return reply.status
  await logIn({ email: account.email, password: account.password })
  return 'created'
}

/** Ends the session. The tokens are forgotten also when the service cannot be reached. */
export async function logOut(): Promise<void> {
  try {
    await call(api.logout, {})
  } catch {
    // The session expires by itself.
  } finally {
    forget()
  }
}

export const fetchAccount = () => call(api.me, {})

export const fetchUpload = (id: string) => call(api.getUpload, { path: { id } })

export const fetchWaveform = (id: string) => call(api.getUploadWaveform, { path: { id } })

export const fetchKeyFrames = (id: string) => call(api.getUploadKeyFrames, { path: { id } })

/** A URL that plays an upload for a day. */
export const linkUpload = async (id: string): Promise<string> =>
  ownUrl((await call(api.linkUpload, { path: { id }, body: { expires_in: 86_400 } })).url)

/** A URL that plays the file behind a link for six hours, or what is wrong with that file. */
export const linkSource = async (url: string, headers: Record<string, string>) => {
  const link = await call(api.linkSource, { body: { url, headers, expires_in: 21_600 } })
  return { ...link, url: ownUrl(link.url) }
}

export const createTask = async (body: TaskBody, idempotencyKey: string) =>
  (await call(api.createTask, { body: body as NewTask }, { idempotencyKey })) as Task

/** The service ends it when `signal` is aborted. */
export const dryRun = async (body: TaskBody, signal: AbortSignal) =>
  (await call(api.createTask, { query: { dry_run: '1' }, body: body as NewTask }, { signal })) as DryRunResult

/** A page of the list. */
export const listTasks = (
  query: NonNullable<api.Arguments<'listTasks'>['query']>,
  signal?: AbortSignal,
): Promise<TaskPage> => call(api.listTasks, { query }, { signal })

export const fetchTask = (id: string, signal?: AbortSignal): Promise<TaskDetails> =>
  call(api.getTask, { path: { id } }, { signal })

/** Aborts an unfinished task; deletes a finished one together with its files. */
export const deleteTask = (id: string): Promise<Task | undefined> => call(api.deleteTask, { path: { id } })

/** Aborts a task unless it has finished; never deletes it. */
export const abortTask = (id: string) => changeTasks({ action: 'abort', ids: [id] })

/** Aborts or deletes up to 100 tasks, as far as each can be. Sent also while the page is being closed. */
export const changeTasks = async (body: BulkTasks): Promise<BulkResult[]> =>
  (await call(api.changeTasks, { body }, { keepalive: true })).results

export const retryTask = (id: string) => call(api.retryTask, { path: { id } })

/** A URL of an output that needs no token: players and other people can use it until it expires. */
export const linkOutput = (id: string, name: string, seconds?: number) =>
  call(api.linkOutput, { path: { id, name }, body: seconds === undefined ? {} : { expires_in: seconds } })

/** A URL of the service, as the page may use it: it can only call its own origin. */
export const ownUrl = (url: string): string => api.atService(url, location.origin)
