import { expect, test } from '@jest/globals'
import { pythonTypes, type TypedDocument } from './python-types.ts'

const schemas: TypedDocument['components']['schemas'] = {
  Task: {
    description: 'What a user "creates".',
    properties: {
      id: { type: 'string' },
      status: { $ref: '#/components/schemas/Status' },
      seconds: { type: ['number', 'null'] },
      outputs: { type: 'array', items: { properties: { name: { type: 'string' } } } },
      metadata: { type: 'object', additionalProperties: { type: 'string' } },
      version: { const: 1 },
      fit: { enum: ['pad', null] },
      source: {
        anyOf: [
          { properties: { url: {} } },
          { properties: { upload_id: { type: 'integer' } } },
          { type: 'null' },
        ],
      },
    },
    required: ['id', 'status', 'seconds', 'metadata'],
  },
  Status: { enum: ['queued', 'running'] },
  Empty: { properties: {} },
}

const paths: TypedDocument['paths'] = {
  '/tasks/{id}': {
    get: {
      operationId: 'getTask',
      parameters: [{ name: 'id', schema: { type: 'string' } }],
      responses: {
        200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Task' } } } },
        304: {},
        404: { content: { 'application/problem+json': { schema: {} } } },
      },
    },
  },
  '/outputs': {
    post: {
      operationId: 'sendOutput',
      requestBody: {
        content: { 'application/json': { schema: { properties: { name: { type: 'string' } } } } },
      },
      responses: { 200: { content: { 'video/mp4': { schema: { type: 'string' } } } }, 302: {} },
    },
  },
}

test('objects become TypedDicts, also those without a name, and other schemas become aliases', () => {
  const { classes, aliases } = pythonTypes({ components: { schemas }, paths })
  expect(classes[0]).toBe(`class Task(TypedDict):
    """What a user 'creates'."""

    id: str
    status: "Status"
    seconds: Optional[float]
    outputs: NotRequired[List["TaskOutput"]]
    metadata: Dict[str, str]
    version: NotRequired[Literal[1]]
    fit: NotRequired[Optional[Literal["pad"]]]
    source: NotRequired[Optional[Union["TaskSource1", "TaskSource2"]]]
`)
  expect(classes.slice(1)).toEqual([
    'class TaskOutput(TypedDict):\n    name: NotRequired[str]\n',
    'class TaskSource1(TypedDict):\n    url: NotRequired[Any]\n',
    'class TaskSource2(TypedDict):\n    upload_id: NotRequired[int]\n',
    'class Empty(TypedDict):\n    pass\n',
    'class SendOutputBody(TypedDict):\n    name: NotRequired[str]\n',
  ])
  expect(aliases).toEqual(['Status = Literal["queued", "running"]\n'])
})

test('operations have the types of their arguments, of their JSON bodies, and of all replies that are no errors', () => {
  const { operations } = pythonTypes({ components: { schemas }, paths })
  expect(operations.get('getTask')).toEqual({
    args: { id: 'str' },
    body: undefined,
    reply: 'Optional[types.Task]',
  })
  expect(operations.get('sendOutput')).toEqual({ args: {}, body: 'types.SendOutputBody', reply: 'bytes' })
})

test('two objects never share a name', () => {
  const clashing = { ...schemas, TaskOutput: { properties: { bytes: { type: 'integer' } } } }
  expect(() => pythonTypes({ components: { schemas: clashing }, paths })).toThrow('TaskOutput')
})
