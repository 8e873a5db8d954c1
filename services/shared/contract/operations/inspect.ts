import { z } from 'zod'
import { sourceLinkExamples, uploadLinkExamples } from '../examples.ts'
import { Uuid } from '../id.ts'
import { KeyFrames, Waveform } from '../inspect/inspection.ts'
import { CreateSourceLink, SourceLink } from '../inspect/source-links.ts'
import { CreateUploadLink, UploadLink } from '../inspect/upload-links.ts'
import type { Operation } from '../operation.ts'
import { OutputLinkQuery } from '../outputs/links.ts'

const UploadId = z.object({ id: Uuid })
const TaskSource = z.object({ id: Uuid, index: z.coerce.number().int().min(0).max(99) })

const WAVEFORM =
  'What an editor draws below the video: the loudest samples of short intervals. It is read from the file when it is first ' +
  'asked for, which takes some seconds for long files, and then kept.'
const KEY_FRAMES =
  'Where a cut can begin without encoding anew. They are read from the file when they are first asked for, and then kept.'

export const inspectOperations = {
  getUploadWaveform: {
    id: 'getUploadWaveform',
    method: 'get',
    path: '/uploads/{id}/waveform',
    summary: 'Get the waveform of an upload',
    description: WAVEFORM,
    tag: 'uploads',
    access: 'user',
    scope: 'tasks:read',
    notFound: 'upload.not_found',
    params: UploadId,
    replies: { 200: { description: 'The waveform', body: Waveform } },
    problems: [404],
  },
  getUploadKeyFrames: {
    id: 'getUploadKeyFrames',
    method: 'get',
    path: '/uploads/{id}/key-frames',
    summary: 'List the key frames of an upload',
    description: KEY_FRAMES,
    tag: 'uploads',
    access: 'user',
    scope: 'tasks:read',
    notFound: 'upload.not_found',
    params: UploadId,
    replies: { 200: { description: 'The key frames', body: KeyFrames } },
    problems: [404],
  },
  linkUpload: {
    id: 'linkUpload',
    method: 'post',
    path: '/uploads/{id}/links',
    summary: 'Create a link to preview an upload',
    description:
      'Returns a signed URL that plays or shows the uploaded file without a token until it expires, for players, which send no token.',
    tag: 'uploads',
    access: 'user',
    scope: 'tasks:read',
    notFound: 'upload.not_found',
    params: UploadId,
    body: CreateUploadLink,
    examples: uploadLinkExamples,
    replies: { 201: { description: 'The link', body: UploadLink } },
    problems: [404],
  },
  getPreview: {
    id: 'getPreview',
    method: 'get',
    path: '/previews/{id}',
    summary: 'Preview an upload by its link',
    description:
      'Use the `url` of the link; it is signed, so no token is needed. Supports a single `Range`. When files are stored in Cloud ' +
      'Storage, the reply redirects to a signed URL. Files that are not media are sent as bytes, and nothing in them is run.',
    tag: 'uploads',
    access: 'link',
    notFound: 'upload.not_found',
    params: UploadId,
    query: OutputLinkQuery,
    replies: {
      200: { description: 'The file', body: 'application/octet-stream' },
      206: { description: 'The requested range', body: 'application/octet-stream' },
      302: { description: 'A redirect to a signed URL of the file' },
    },
    problems: [403, 404, 416, 422],
  },
  linkSource: {
    id: 'linkSource',
    method: 'post',
    path: '/sources/links',
    summary: 'Create a link to preview a source',
    description:
      'Returns a signed URL that plays the file behind a URL without a token until it expires, for players: an editor shows what it ' +
      'cuts before any task exists. The host is asked for the first byte; `problem` says what it answered if the source cannot be ' +
      'read. Of an account, the latest 100 links are valid. `headers` are stored encrypted until then.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:write',
    body: CreateSourceLink,
    examples: sourceLinkExamples,
    replies: { 201: { description: 'The link', body: SourceLink } },
  },
  getSourcePreview: {
    id: 'getSourcePreview',
    method: 'get',
    path: '/previews/sources/{id}',
    summary: 'Preview a source by its link',
    description:
      'Use the `url` of the link; it is signed, so no token is needed. Supports a single `Range`, and reads no more of the source ' +
      'than is sent. The host has to support ranges (`source.no_ranges`). A reply may end early: after ten minutes, when its client ' +
      'reads nothing for 30 s, and when six newer ones of the account are open. Players then continue with a range.',
    tag: 'tasks',
    access: 'link',
    params: z.object({ id: z.string() }),
    query: OutputLinkQuery,
    replies: {
      200: { description: 'The file', body: 'application/octet-stream' },
      206: { description: 'The requested range', body: 'application/octet-stream' },
    },
    problems: [403, 416, 422],
  },
  getSourceWaveform: {
    id: 'getSourceWaveform',
    method: 'get',
    path: '/tasks/{id}/sources/{index}/waveform',
    summary: 'Get the waveform of a source',
    description: `${WAVEFORM} Sources are counted from 0.`,
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:read',
    params: TaskSource,
    replies: { 200: { description: 'The waveform', body: Waveform } },
    problems: [404],
  },
  getSourceKeyFrames: {
    id: 'getSourceKeyFrames',
    method: 'get',
    path: '/tasks/{id}/sources/{index}/key-frames',
    summary: 'List the key frames of a source',
    description: `${KEY_FRAMES} Sources are counted from 0.`,
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:read',
    params: TaskSource,
    replies: { 200: { description: 'The key frames', body: KeyFrames } },
    problems: [404],
  },
} as const satisfies Record<string, Operation>
