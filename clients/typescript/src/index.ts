/** The client of Cutroom: `createClient`. */
export type {
  CreateTask,
  DryRunResult,
  Event,
  EventType,
  OperationId,
  Recipe,
  Reply,
  Task,
  TaskDetails,
  TaskEvent,
  TaskOutput,
  TaskStatus,
  TaskSummary,
  Upload,
  UploadDetails,
  WebhookEvent,
} from './api.ts'
export type { CallOptions } from './call.ts'
export { type Client, type ClientOptions, createClient } from './client.ts'
export { CutroomError, type ErrorCode, type FieldError, TaskFailedError } from './errors.ts'
export type { EventsOptions } from './events.ts'
export type { components, operations, paths } from './generated/api.ts'
export type { CreateOptions, NewTask, TaskFilter, WaitOptions } from './tasks/tasks.ts'
export type { FileInput } from './uploads/file-source.ts'
export type { SendProgress } from './uploads/send-file.ts'
export type { UploadOptions } from './uploads/uploads.ts'
export { type ReceivedWebhook, verifyWebhook } from './webhooks.ts'
