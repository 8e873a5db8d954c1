/** What went wrong, by the code of the service, and what to do about it. */
export const errorsEn = {
  'error.unavailable': 'The service cannot do this right now. Try again shortly.',
  'error.not_found': 'This no longer exists. Reload the page.',
  'error.disabled': 'This service is not set up for that. Ask whoever runs it.',
  'error.timed_out': 'That took too long. Check your connection and try again.',
  'error.space': 'There is no free space left. Try again later.',
  'error.destination':
    'A file could not be sent to its destination. Check that its address and credentials are right and still valid, then try again.',
  'error.media':
    'The source could not be processed. Try again; if that fails, convert it to a common MP4 first.',
  'error.source.headers':
    'The request headers of the source are not kept. Edit the task again and enter them, or upload the file.',
  'error.unknown': 'The service gave an answer that the page does not understand. Try again shortly.',
  'error.auth.link_invalid': 'This link is no longer valid. Ask for a new one.',
  'error.task.not_failed': 'Only failed tasks can be tried again. Edit this one again instead.',
  'error.task.finished': 'The task has finished, so it cannot be aborted. Delete it instead.',
  'error.task.attempts_used_up': 'Every attempt failed. See below why, then try again.',
  'error.task.crashes_workers':
    'The task needs more memory than the workers have. Use a smaller source or a smaller frame.',
  'error.task.worker_lost': 'The worker stopped responding. The task is tried again on another one.',
  'error.upload.not_found': 'The uploaded file is no longer kept. Add it again.',
  'error.upload.in_use': 'A task still needs this upload. Wait until it has finished, or abort it.',
  'error.upload.quota_exceeded':
    'You have used up your space for uploads. Earlier uploads expire by themselves; delete some, or try again later.',
  'error.upload.conflict': 'This upload is complete already. Remove the file and add it again.',
  'error.source.refused': 'The service does not read this address. Use a public link, or upload the file.',
  'error.source.unavailable': 'The host did not deliver the source. Check the link and try again.',
  'error.source.denied':
    'The host does not let the service read the source without logging in. Use a public or signed link, or upload the file.',
  'error.source.not_found': 'The link leads to no file. Check it.',
  'error.source.rejected':
    'The host refused to deliver the source. Check that the link is complete and has not expired.',
  'error.source.not_media':
    'The link leads to a web page, not to a video. Use the address of the file itself.',
  'error.source.changed': 'The source changed while it was being read. Try again once it is complete.',
  'error.source.too_large': 'The source is larger than the service accepts. Use a smaller one.',
  'error.media.unreadable':
    'The source is not a readable video or audio file. Check that it is complete and plays in a media player.',
  'error.media.limits': 'The source exceeds a limit. Use a shorter or smaller one. {message}',
  'error.media.impossible': 'The edit does not fit the source. Edit it again. {message}',
  'error.media.timed_out': 'It took longer than one attempt may take. Try again, or keep less of the source.',
  'error.media.too_long':
    'It would take too long. Keep less of the source, or choose a smaller frame or draft quality.',
  'error.media.wrong_result':
    'The result was not as it should be, and was discarded. Convert the source to a common MP4 first, then try again.',
  'error.service.busy': 'The service is busy. Wait {seconds} and try again.',
  'error.internal.bug':
    'Something went wrong in the service. Try again; if it happens again, tell whoever runs it.',
} as const
