/**
 * The core of the client, for web pages: its functions stand alone, so that a bundle contains what it uses. No Node, no catalogue of
 * errors. Each operation is an export: `caller.call(getTask, { path: { id } })`.
 */
export type { Arguments, Event, OperationId, Reply, Task, TaskDetails, Upload } from './api.ts'
export { type Caller, type CallerOptions, type CallOptions, createCaller } from './call.ts'
export { type EventsOptions, followEvents } from './events.ts'
export * from './generated/routes.ts'
export { ApiError, type ErrorCode, type FieldError } from './http/api-error.ts'
export { backoffMs } from './http/backoff.ts'
export type { StreamOptions } from './http/follow-stream.ts'
export type { Route } from './route.ts'
export { followTask, streamTask } from './tasks/follow.ts'
export { chunksOfBlob } from './uploads/chunks.ts'
export type { SendProgress } from './uploads/send-file.ts'
export { atService, type SourceOptions, uploadSource } from './uploads/upload-source.ts'
