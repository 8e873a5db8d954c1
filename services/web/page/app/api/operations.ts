import type { LoginRequest, SignupPending, SignupRequest, Token, User } from '#shared/contract/auth.ts'
import type { DryRunResult } from '#shared/contract/dry-run.ts'
import type { KeyFrames, Waveform } from '#shared/contract/inspect/inspection.ts'
import type { UploadLink } from '#shared/contract/inspect/upload-links.ts'
import type { OutputLink } from '#shared/contract/outputs/links.ts'
import type { BulkResult, BulkTasks } from '#shared/contract/tasks/bulk.ts'
import type { Task, TaskDetails, TaskSummary } from '#shared/contract/tasks.ts'
import type { Upload, UploadDetails, UploadRequest } from '#shared/contract/uploads.ts'
import type { TaskBody } from '../edit/task-body.ts'
import { request } from './request.ts'
import { forget, keep } from './session.ts'

export type TaskPage = { tasks: TaskSummary[]; next_page: string | null }

const at = (id: string) => `/tasks/${encodeURIComponent(id)}`

export async function logIn(credentials: Omit<LoginRequest, 'refresh'>): Promise<void> {
  const body = { ...credentials, refresh: true }
  keep(await request<Token>('/auth/login', { method: 'POST', body, anonymous: true }))
}

/** Creates an account and logs in. Where the address has to be verified first, there is nothing to log in to yet. */
export async function signUp(account: SignupRequest): Promise<'created' | 'verification_required'> {
  const reply = await request<User | SignupPending>('/auth/signup', {
    method: 'POST',
    body: account,
    anonymous: true,
  })
  if ('status' in reply) return reply.status
  await logIn({ email: account.email, password: account.password })
  return 'created'
}

/** Ends the session. The tokens are forgotten also when the service cannot be reached. */
export async function logOut(): Promise<void> {
  try {
    await request<void>('/auth/logout', { method: 'POST' })
  } catch {
    // The session expires by itself.
  } finally {
    forget()
  }
}

export const fetchAccount = () => request<User>('/auth/me')

export const createUpload = (body: UploadRequest) => request<Upload>('/uploads', { method: 'POST', body })

export const fetchUpload = (id: string) => request<UploadDetails>(`/uploads/${encodeURIComponent(id)}`)

export const fetchWaveform = (id: string) => request<Waveform>(`/uploads/${encodeURIComponent(id)}/waveform`)

export const fetchKeyFrames = (id: string) =>
  request<KeyFrames>(`/uploads/${encodeURIComponent(id)}/key-frames`)

/** A URL that plays an upload for a day. */
export const linkUpload = async (id: string): Promise<string> => {
  const body = { expires_in: 86_400 }
  const link = await request<UploadLink>(`/uploads/${encodeURIComponent(id)}/links`, { method: 'POST', body })
  return ownUrl(link.url)
}

export const createTask = (body: TaskBody, idempotencyKey: string) =>
  request<Task>('/tasks', { method: 'POST', body, headers: { 'Idempotency-Key': idempotencyKey } })

export const dryRun = (body: TaskBody) => request<DryRunResult>('/tasks?dry_run=1', { method: 'POST', body })

/** A page of the list; `parameters` are those of the query. */
export const listTasks = (parameters: Record<string, string>, signal?: AbortSignal): Promise<TaskPage> =>
  request<TaskPage>(`/tasks?${new URLSearchParams(parameters)}`, signal && { signal })

export const fetchTask = (id: string, signal?: AbortSignal) =>
  request<TaskDetails>(at(id), signal && { signal })

/** Aborts an unfinished task; deletes a finished one together with its files. */
export const deleteTask = (id: string) => request<Task | undefined>(at(id), { method: 'DELETE' })

/** Aborts or deletes up to 100 tasks, as far as each can be. Sent also while the page is being closed. */
export const changeTasks = async (body: BulkTasks): Promise<BulkResult[]> => {
  const reply = await request<{ results: BulkResult[] }>('/tasks/bulk', {
    method: 'POST',
    body,
    keepalive: true,
  })
  return reply.results
}

export const retryTask = (id: string) => request<Task>(`${at(id)}/retry`, { method: 'POST' })

/** A URL of an output that needs no token: players and other people can use it until it expires. */
export const linkOutput = (id: string, name: string, seconds?: number) =>
  request<OutputLink>(`${at(id)}/outputs/${encodeURIComponent(name)}/links`, {
    method: 'POST',
    body: seconds === undefined ? {} : { expires_in: seconds },
  })

/**
 * A URL of the service, as the page may use it: the service names its public URL, but a page opened under another name, such as
 * 127.0.0.1 for localhost, can only call its own origin.
 */
export function ownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url)
  const isOwnPath = /^\/(uploads\/content|shared|previews)\//.test(pathname)
  return isOwnPath && origin !== location.origin ? location.origin + pathname + search : url
}
