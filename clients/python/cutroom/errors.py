"""Errors with a code, the fields that are wrong, and what to do."""

from typing import Any, Optional

from .generated.contract import ERRORS

# Errors that the client reports itself: whether another attempt can help, and what to do.
CLIENT_ERRORS = {
    "auth.required": (False, "Check that the API key is complete, has not expired and is one of this service."),
    "client.connection_failed": (
        True,
        "Check the address of the service, that it runs, and your connection; then try again.",
    ),
    "client.reply_unexpected": (
        False,
        "Check that the address is that of a Cutroom service, and not of a proxy or another program.",
    ),
    "client.input_invalid": (False, "Correct the arguments of the call."),
    "client.signature_invalid": (False, "Reply 401. Check the secret, and that the body is passed on byte for byte."),
    "task.aborted": (False, "Create the task again if it is still needed."),
}


class CutroomError(Exception):
    """Every failure that the client reports. Act on `code`; the text is for people. It never contains a key."""

    def __init__(self, code: str, detail: str, status: Optional[int] = None, errors: Optional[list] = None,
                 request_id: Optional[str] = None, retry_after: float = 0, advice: Optional[str] = None):
        entry = CLIENT_ERRORS.get(code) or ERRORS.get(code)
        self.code = code
        self.detail = detail
        self.status = status
        # Each invalid field of the request: {"path": "recipe.output.crf", "message": "…"}.
        self.errors = errors or []
        self.request_id = request_id
        # Seconds to wait before another attempt.
        self.retry_after = retry_after
        # Whether the same request can succeed later.
        self.retryable = entry[0] if entry else status is not None and (status == 429 or status >= 500)
        self.advice = (entry[1] if entry else "") if advice is None else advice
        fields = [f"{error['path']}: {error['message']}" for error in self.errors]
        missing = [field for field in fields if field not in detail]
        super().__init__(" ".join(filter(None, ["; ".join([detail, *missing]), self.advice, f"[{code}]"])))


class TaskFailedError(CutroomError):
    """A task that was waited for and has failed or was aborted. `task` is the task."""

    def __init__(self, task: Any):
        error = task["error"] or {"code": "task.aborted", "message": f"Task {task['id']} was aborted."}
        super().__init__(error["code"], error["message"])
        self.task = task
