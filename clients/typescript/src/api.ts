import type { components, operations } from './generated/api.ts'
import type * as ROUTES from './generated/routes.ts'

type Schemas = components['schemas']

export type Task = Schemas['Task']
export type TaskDetails = Schemas['TaskDetails']
export type TaskSummary = Schemas['TaskSummary']
export type TaskOutput = Schemas['TaskOutput']
export type TaskStatus = Schemas['TaskStatus']
/** What the webhook of a task receives. */
export type TaskEvent = Schemas['TaskEvent']
/** What a webhook endpoint of the account receives. */
export type WebhookEvent = Schemas['WebhookEvent']
/** What happened to a task or an upload. */
export type Event = Schemas['Event']
export type EventType = Event['type']
/** A task to create. */
export type CreateTask = Schemas['CreateTask']
export type Recipe = Schemas['RecipeRequest']
export type DryRunResult = Schemas['DryRunResult']
export type Upload = Schemas['Upload']
export type UploadDetails = Schemas['UploadDetails']

/** The name of an operation, as in the OpenAPI document. */
export type OperationId = keyof typeof ROUTES & keyof operations

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never
type Replies<Id extends OperationId> = operations[Id]['responses']
type Success<R> = { [Status in keyof R]: Status extends 200 | 201 | 202 ? Json<R[Status]> : never }[keyof R]
type Parameters<Id extends OperationId> = operations[Id]['parameters']
type Body<Id extends OperationId> = operations[Id] extends { requestBody: infer R } ? Json<R> : never

/** The JSON body of an operation's successful replies; `undefined` where they have none. */
export type Reply<Id extends OperationId> = [Success<Replies<Id>>] extends [never]
  ? undefined
  : Success<Replies<Id>>

/** What an operation takes: path and query parameters, and a JSON body. */
export type Arguments<Id extends OperationId> = Given<'path', Parameters<Id>['path']> &
  Given<'query', Parameters<Id>['query']> &
  ([Body<Id>] extends [never] ? unknown : { body: Body<Id> })

type Given<Name extends string, Value> = [Exclude<Value, undefined>] extends [never]
  ? unknown
  : undefined extends Value
    ? { [K in Name]?: Value }
    : { [K in Name]: Value }
