type Entry = {
  /** HTTP status of the reply. */
  status: number
  /** For an attempt at a job: true requeues the job, false fails the task. */
  retry: boolean
  /**
   * The attempt failed because of the service, not the task. It does not count against the task's attempts, within
   * the bound that tasks/retry.ts sets.
   */
  uncounted?: true
  title: string
  /** What the reader of docs/errors.md can do about it, in Markdown. */
  advice: string
}

/**
 * Every error that the product reports on purpose. Codes are part of the API: a published code keeps its meaning,
 * while titles and advice may be reworded.
 */
export const CATALOGUE = {
  'request.malformed': {
    status: 400,
    retry: false,
    title: 'Malformed request',
    advice: 'Check that the body is valid JSON or a valid multipart form, and that the request is HTTP/1.1.',
  },
  'request.invalid': {
    status: 422,
    retry: false,
    title: 'Invalid request',
    advice: 'Correct each field listed in `errors` and send the request again.',
  },
  'request.too_large': {
    status: 413,
    retry: false,
    title: 'Request too large',
    advice: 'Send large files through `POST /uploads`; the detail names the limit.',
  },
  'request.unsupported_type': {
    status: 415,
    retry: false,
    title: 'Unsupported media type',
    advice: 'Send `application/json`, or `multipart/form-data` where the operation accepts a form.',
  },
  'request.timed_out': {
    status: 408,
    retry: true,
    title: 'Request timed out',
    advice: 'Send the request again. For large files, use `POST /uploads` and send the bytes in chunks.',
  },
  'request.headers_too_large': {
    status: 431,
    retry: false,
    title: 'Request headers too large',
    advice: 'Keep all headers together below 16 KiB.',
  },
  'request.range_not_satisfiable': {
    status: 416,
    retry: false,
    title: 'Range not satisfiable',
    advice: 'Request a range within the file; `Content-Range` gives its size.',
  },
  'request.rate_limited': {
    status: 429,
    retry: true,
    title: 'Too many requests',
    advice: 'Wait for the number of seconds in `Retry-After`, then try again.',
  },
  'request.expectation_failed': {
    status: 417,
    retry: false,
    title: 'Expectation failed',
    advice: 'Send no `Expect` header, or `Expect: 100-continue`.',
  },
  'route.method_not_allowed': {
    status: 405,
    retry: false,
    title: 'Method not allowed',
    advice: 'Use one of the methods in the `Allow` header.',
  },
  'route.not_found': {
    status: 404,
    retry: false,
    title: 'Not found',
    advice: 'Check the path against the API reference.',
  },
  'auth.required': {
    status: 401,
    retry: false,
    title: 'Authentication required',
    advice:
      'Log in and send the token as `Authorization: Bearer <token>`, or send an API key in the same way.',
  },
  'auth.scope_missing': {
    status: 403,
    retry: false,
    title: 'API key without the scope',
    advice: 'Use an API key that has the scope named in `detail` and in the `WWW-Authenticate` header.',
  },
  'auth.session_required': {
    status: 403,
    retry: false,
    title: 'Session required',
    advice:
      'Log in and send the token; an API key has no session. Revoke a key with `DELETE /auth/keys/{id}`.',
  },
  'auth.refresh_invalid': {
    status: 401,
    retry: false,
    title: 'Refresh token invalid or expired',
    advice: 'Log in again.',
  },
  'auth.refresh_reused': {
    status: 401,
    retry: false,
    title: 'Refresh token used twice',
    advice:
      'Log in again: the session was ended. If your program did not send the same refresh token twice, somebody else has a copy.',
  },
  'auth.refresh_replaced': {
    status: 409,
    retry: false,
    title: 'Refresh token replaced a moment ago',
    advice: 'Use the refresh token of the latest reply. In a browser, refresh in one tab at a time.',
  },
  'auth.wrong_credentials': {
    status: 401,
    retry: false,
    title: 'Wrong e-mail or password',
    advice: 'Check the e-mail address and the password.',
  },
  'auth.wrong_password': {
    status: 403,
    retry: false,
    title: 'Wrong password',
    advice: "Send the account's current password.",
  },
  'auth.link_invalid': {
    status: 403,
    retry: false,
    title: 'Link invalid or expired',
    advice:
      'Ask for a new e-mail with `POST /auth/verification` or `POST /auth/password-reset`. A link works once.',
  },
  'auth.forbidden': {
    status: 403,
    retry: false,
    title: 'Forbidden',
    advice:
      'For operators: add the calling service account to `PUSH_SERVICE_ACCOUNTS`, `SWEEP_SERVICE_ACCOUNTS` or `DRY_RUN_SERVICE_ACCOUNTS`.',
  },
  'auth.unavailable': {
    status: 503,
    retry: true,
    title: 'Authentication unavailable',
    advice: 'Try again shortly.',
  },
  'user.exists': {
    status: 409,
    retry: false,
    title: 'User name or e-mail already in use',
    advice: 'Log in, or sign up with another user name and e-mail address.',
  },
  'session.not_found': {
    status: 404,
    retry: false,
    title: 'Session not found',
    advice: 'Check the id with `GET /auth/sessions`. Sessions disappear when they end or expire.',
  },
  'key.not_found': {
    status: 404,
    retry: false,
    title: 'API key not found',
    advice: 'Check the id with `GET /auth/keys`. Keys disappear when they are revoked or expire.',
  },
  'key.too_many': {
    status: 409,
    retry: false,
    title: 'Too many API keys',
    advice: 'Revoke a key that is no longer used, then create the new one.',
  },
  'webhook.not_found': {
    status: 404,
    retry: false,
    title: 'Webhook endpoint not found',
    advice: 'Check the id. `GET /webhooks` lists the endpoints of the account.',
  },
  'webhook.too_many': {
    status: 409,
    retry: false,
    title: 'Too many webhook endpoints',
    advice: 'Delete an endpoint that is no longer used, then create the new one.',
  },
  'delivery.not_found': {
    status: 404,
    retry: false,
    title: 'Delivery not found',
    advice: 'Check the id. Deliveries are deleted with their events, after 30 days.',
  },
  'idempotency.mismatch': {
    status: 422,
    retry: false,
    title: 'Idempotency key reused',
    advice: 'Use a new `Idempotency-Key` for a request that differs from the first one.',
  },
  'task.not_found': {
    status: 404,
    retry: false,
    title: 'Task not found',
    advice: 'Check the id. Tasks are visible to their owner only, and disappear when they are deleted.',
  },
  'task.not_failed': {
    status: 409,
    retry: false,
    title: 'Task has not failed',
    advice: 'Only failed tasks can be retried. Create a new task instead.',
  },
  'task.finished': {
    status: 409,
    retry: false,
    title: 'Task has finished',
    advice: 'Only queued and running tasks can be aborted. Delete a finished task instead.',
  },
  'task.attempts_used_up': {
    status: 500,
    retry: false,
    title: 'All attempts failed',
    advice: 'Look at `failures` for the cause, then retry the task with `POST /tasks/{id}/retry`.',
  },
  'task.crashes_workers': {
    status: 500,
    retry: false,
    title: 'The task crashes its workers',
    advice:
      'Workers died while they ran nothing but this task, most likely for lack of memory. Use smaller sources or ask for smaller outputs; as the operator, give batch more memory, then retry the task.',
  },
  'task.worker_lost': {
    status: 503,
    retry: true,
    title: 'Worker lost',
    advice: 'No action needed: the task runs again on another worker.',
  },
  'output.not_found': {
    status: 404,
    retry: false,
    title: 'Output not found',
    advice: 'Use a name from the `outputs` of the task, once it has succeeded.',
  },
  'upload.not_found': {
    status: 404,
    retry: false,
    title: 'Upload not found',
    advice: 'Check the id, or create a new upload. Uploads are visible to their owner only, and expire.',
  },
  'upload.missing': {
    status: 422,
    retry: false,
    title: 'Upload is not complete',
    advice: 'Send the bytes to the `url` of the upload, then create the task.',
  },
  'output.link_invalid': {
    status: 403,
    retry: false,
    title: 'Output link invalid or expired',
    advice: 'Create a new link with `POST /tasks/{id}/outputs/{name}/links`.',
  },
  'upload.link_invalid': {
    status: 403,
    retry: false,
    title: 'Upload link invalid or expired',
    advice: 'Create a new upload.',
  },
  'upload.in_use': {
    status: 409,
    retry: false,
    title: 'Upload in use',
    advice: 'Wait until the tasks that need the upload have finished, or abort them. Then delete it.',
  },
  'upload.quota_exceeded': {
    status: 403,
    retry: false,
    title: 'Upload quota used up',
    advice:
      'Delete uploads that are no longer needed with `DELETE /uploads/{id}`; the detail names the quota. Uploads also expire.',
  },
  'upload.conflict': {
    status: 409,
    retry: false,
    title: 'Upload already complete',
    advice: 'Create a new upload to send another file.',
  },
  'source.refused': {
    status: 422,
    retry: false,
    title: 'Source URL not allowed',
    advice: 'Use a public `http` or `https` URL, or upload the file.',
  },
  'source.unavailable': {
    status: 422,
    retry: true,
    title: 'The source could not be fetched',
    advice: 'Check that the host serves the URL, then retry the task.',
  },
  'source.denied': {
    status: 422,
    retry: false,
    title: 'The host denied access to the source',
    advice:
      'Use a URL that can be read without logging in, such as a signed one, or give the request headers that the host expects as `headers` of the source. They are not sent to where a URL redirects.',
  },
  'source.not_found': {
    status: 422,
    retry: false,
    title: 'Source not found',
    advice: 'Check the URL of the source.',
  },
  'source.rejected': {
    status: 422,
    retry: false,
    title: 'The host rejected the request for the source',
    advice:
      'Check that the URL is complete, has not expired and downloads in a browser: the host answered with an error that will not go away, or with redirects without end.',
  },
  'source.not_media': {
    status: 422,
    retry: false,
    title: 'The URL leads to a page',
    advice:
      'Use the address of the file itself, not of a page that shows it. Share links of Google Drive and Dropbox work when anyone with the link may open the file.',
  },
  'source.no_ranges': {
    status: 422,
    retry: false,
    title: 'The host does not support range requests',
    advice: 'A preview needs them, a task does not: create it without, or upload the file.',
  },
  'source.link_invalid': {
    status: 403,
    retry: false,
    title: 'Source link invalid or expired',
    advice: 'Create a new link with `POST /sources/links`.',
  },
  'source.headers_disabled': {
    status: 422,
    retry: false,
    title: 'Request headers cannot be stored',
    advice: 'Use a signed URL, or upload the file. For operators: set `SECRETS_KEY`.',
  },
  'source.headers_expired': {
    status: 422,
    retry: false,
    title: 'Request headers were deleted',
    advice: 'Create the task again, with its headers: they are kept for 7 days after a task has failed.',
  },
  'source.changed': {
    status: 422,
    retry: false,
    title: 'The source changed while it was being processed',
    advice: 'Retry the task once the file is complete. Upload it if the host keeps replacing it.',
  },
  'source.too_large': {
    status: 422,
    retry: false,
    title: 'Source too large',
    advice: 'Use a smaller source. For operators: see `SOURCE_MAX_BYTES`.',
  },
  'destination.refused': {
    status: 422,
    retry: false,
    title: 'Destination not allowed',
    advice: 'Use a public `https` URL.',
  },
  'destination.denied': {
    status: 422,
    retry: false,
    title: 'The destination denied access',
    advice:
      'Check that the URL or the credentials allow writing there and are still valid when the task ends. A presigned URL must be signed for PUT, with the media type of the output if it signs one.',
  },
  'destination.rejected': {
    status: 422,
    retry: false,
    title: 'The destination rejected an output',
    advice:
      'Check the bucket, its region and the URL. A single PUT holds 5 GB at most, and redirects are not followed.',
  },
  'destination.unmatched': {
    status: 422,
    retry: false,
    title: 'The destination names an output that does not exist',
    advice: 'Give URLs for the names that the task has as `outputs`; a dry run lists them.',
  },
  'destination.unavailable': {
    status: 503,
    retry: true,
    title: 'An output could not be sent to its destination',
    advice: 'Check that the host can be reached, then retry the task.',
  },
  'destination.disabled': {
    status: 422,
    retry: false,
    title: 'Destinations cannot be stored',
    advice: 'Download the outputs instead. For operators: set `SECRETS_KEY`.',
  },
  'destination.expired': {
    status: 422,
    retry: false,
    title: 'The destination was deleted',
    advice: 'Create the task again, with its destination: it is kept for 7 days after a task has failed.',
  },
  'media.unreadable': {
    status: 422,
    retry: false,
    title: 'Source is not a supported media file',
    advice: 'Convert the source to a common format, such as MP4 with H.264 and AAC.',
  },
  'media.limits': {
    status: 422,
    retry: false,
    title: 'Source exceeds the limits',
    advice: 'Use a source with fewer pixels, streams or seconds; the detail names the limit.',
  },
  'media.impossible': {
    status: 422,
    retry: false,
    title: 'Recipe does not fit the source',
    advice: 'Change the recipe as the detail says. A dry run shows what each source contains.',
  },
  'media.damaged': {
    status: 422,
    retry: false,
    title: 'Source is damaged',
    advice: 'Export or upload the source again.',
  },
  'media.failed': {
    status: 500,
    retry: true,
    title: 'Media processing failed',
    advice: 'Retry the task. If it fails again, report `log_tail` together with the recipe.',
  },
  'media.timed_out': {
    status: 503,
    retry: true,
    title: 'Media processing timed out',
    advice: 'Retry the task, or render less at a time: trim the source, or request fewer outputs.',
  },
  'media.too_long': {
    status: 422,
    retry: false,
    title: 'Processing would take too long',
    advice:
      'The work cannot be divided into chunks and would exceed the limit of one job. Trim the source, choose ' +
      '`quality: draft` or a smaller frame, or request fewer outputs.',
  },
  'media.disk_full': {
    status: 503,
    retry: true,
    title: 'Scratch disk full',
    advice: 'Retry the task. For operators: give `SCRATCH_DIR` more space.',
  },
  'media.no_free_space': {
    status: 503,
    retry: true,
    uncounted: true,
    title: 'Not enough free space on the worker',
    advice: 'No action needed: the task runs again when there is space.',
  },
  'media.no_free_memory': {
    status: 503,
    retry: true,
    uncounted: true,
    title: 'Not enough free memory on the worker',
    advice:
      'No action needed: the task runs again, also on other workers. For operators: lower `BATCH_CONCURRENCY`, or give batch more memory.',
  },
  'media.wrong_result': {
    status: 500,
    retry: true,
    title: 'Output failed verification',
    advice:
      'Convert the source to MP4 with H.264 and AAC and create the task again. If that fails as well, report the task id. The same deviation in two attempts in a row ends the task.',
  },
  'storage.exists': {
    status: 409,
    retry: false,
    title: 'Object already exists',
    advice: 'For operators: report the log line; the service chooses its object names itself.',
  },
  'storage.not_found': {
    status: 404,
    retry: false,
    title: 'Object not found',
    advice: 'Create the upload or the task again; the stored file is gone.',
  },
  'storage.full': {
    status: 507,
    retry: true,
    title: 'Storage full',
    advice: 'Try again later. For operators: free or add disk space; see `STORAGE_MIN_FREE_BYTES`.',
  },
  'storage.unavailable': {
    status: 503,
    retry: true,
    uncounted: true,
    title: 'Storage unavailable',
    advice: 'Try again shortly.',
  },
  'notify.no_mail': {
    status: 422,
    retry: false,
    title: 'E-mail notifications not configured',
    advice: 'Use a webhook. For operators: set `MAIL_FROM` and `SMTP_URL`.',
  },
  'notify.unverified': {
    status: 422,
    retry: false,
    title: 'E-mail address not verified',
    advice:
      'Verify the address: `POST /auth/verification` sends an e-mail with a link. Until then use a webhook.',
  },
  'notify.refused': {
    status: 422,
    retry: false,
    title: 'Webhook URL not allowed',
    advice: 'Use a public `https` URL.',
  },
  'notify.rejected': {
    status: 422,
    retry: false,
    title: 'Receiver rejected the notification',
    advice:
      'The receiver answered 410, or the mailbox does not accept mail. Correct the webhook URL or the e-mail address.',
  },
  'notify.failed': {
    status: 503,
    retry: true,
    title: 'Notification not delivered',
    advice:
      'No action needed: the delivery is repeated for about a day. Check the receiver if all attempts fail.',
  },
  'dry_run.unavailable': {
    status: 503,
    retry: true,
    title: 'Dry run unavailable',
    advice: 'Try again shortly, or create the task without a dry run.',
  },
  'preview.unavailable': {
    status: 503,
    retry: true,
    title: 'Preview unavailable',
    advice: 'Try again shortly. Tasks do not need previews.',
  },
  'inspection.unavailable': {
    status: 503,
    retry: true,
    title: 'Waveform or key frames unavailable',
    advice: 'Try again shortly. Tasks do not need them.',
  },
  'queue.unavailable': {
    status: 503,
    retry: true,
    title: 'Queue unavailable',
    advice: 'Try again shortly.',
  },
  'database.unavailable': {
    status: 503,
    retry: true,
    uncounted: true,
    title: 'Database unavailable',
    advice: 'Try again shortly.',
  },
  'database.schema': {
    status: 500,
    retry: false,
    title: 'Database schema mismatch',
    advice: 'For operators: run `npm run migrate` with the version that is deployed.',
  },
  'service.stopping': {
    status: 503,
    retry: true,
    title: 'Service shutting down',
    advice: 'Try again; another instance answers.',
  },
  'service.busy': {
    status: 429,
    retry: true,
    title: 'Service busy',
    advice: 'Wait for the number of seconds in `Retry-After`, then try again.',
  },
  'service.wrong_key': {
    status: 503,
    retry: true,
    uncounted: true,
    title: 'Stored headers cannot be decrypted',
    advice:
      'For operators: `SECRETS_KEY` of batch has to contain the key that web encrypted with. Then retry the task.',
  },
  'internal.bug': {
    status: 500,
    retry: true,
    title: 'Internal error',
    advice: 'Try again. If it fails again, report the `request_id`.',
  },
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof CATALOGUE

/** The entry of a code, without the literal types. */
export const catalogueEntry = (code: ErrorCode): Entry => CATALOGUE[code]
