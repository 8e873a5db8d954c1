"""The client: every operation of the API as a method, and what programs need most in one call."""

import json
import mimetypes
import os
import re
import uuid
from typing import Any, Callable, Iterator, Optional, Union, cast
from urllib.parse import quote, urlencode

from .errors import CutroomError, TaskFailedError
from .generated import types
from .generated.operations import Operations
from .transport import ATTEMPTS, Request, blocks_of, pause, read_all, send
from .uploads import Progress, send_file

Path = Union[str, "os.PathLike[str]"]
AnyTask = Union[types.Task, types.TaskDetails, types.TaskSummary]
OnTask = Callable[[types.TaskDetails], Any]

# One request waits so long for a change of a task, in seconds.
WAIT_S = 30
UNCHANGED = 304
# Too many requests wait already, of this user or of all.
LIMITED = ("request.rate_limited", "service.busy")


class Client(Operations):
    """
    `base_url` and `api_key` are by default those of CUTROOM_URL and CUTROOM_API_KEY. Requests that fail for a reason
    that passes are sent up to `attempts` times; creating carries an Idempotency-Key, so that a repeat never creates twice.
    """

    def __init__(self, base_url: Optional[str] = None, api_key: Optional[str] = None, attempts: int = ATTEMPTS):
        url = base_url or os.environ.get("CUTROOM_URL") or "http://localhost:8080"
        if not url.startswith(("http://", "https://")):
            raise CutroomError("client.input_invalid", "base_url is not an http or https URL.")
        self.base_url = url.rstrip("/")
        key = (api_key or os.environ.get("CUTROOM_API_KEY") or "").strip()
        if not re.fullmatch(r"[\x21-\x7e]*", key):
            # http.client would name the whole header in its error, and the key with it.
            raise CutroomError("auth.required", "The API key has a space, a line break or another invalid character.")
        self._api_key = key
        self._attempts = attempts

    def upload(self, path: Path, filename: Optional[str] = None, on_progress: Optional[Progress] = None) -> str:
        """Uploads a file; returns its `upload_id`, for tasks. `on_progress(sent, total)`: bytes, after each chunk."""
        name = filename or os.path.basename(os.fspath(path))
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        with open(path, "rb") as file:
            upload = self.create_upload({"filename": name, "content_type": content_type})
            send_file(file, upload, on_progress)
        return upload["upload_id"]

    def plan(self, task: types.CreateTask) -> types.DryRunResult:
        """A dry run: what would come out, and how long it would take. Nothing is created."""
        return cast(types.DryRunResult, self.create_task(task, dry_run="1"))

    def create(self, task: types.CreateTask, idempotency_key: Optional[str] = None) -> types.Task:
        """Creates a task. With the same key, within 24 hours, it returns the first one."""
        return cast(types.Task, self.create_task(task, idempotency_key=idempotency_key))

    def create_and_wait(self, task: types.CreateTask, on_progress: Optional[OnTask] = None) -> types.TaskDetails:
        """Creates a task and returns it once it has succeeded. Raises TaskFailedError."""
        return self.wait(self.create(task)["id"], on_progress)

    def wait(self, task_id: str, on_progress: Optional[OnTask] = None) -> types.TaskDetails:
        """The task once it has succeeded. `on_progress(task)`: now and after each change. Raises TaskFailedError."""
        version = None
        refusals = 0
        path = f"/tasks/{quote(task_id, safe='')}"
        while True:
            headers = {"if-none-match": version}
            retry_after = 0.0
            try:
                changed = self._send("GET", path, {"wait": WAIT_S}, headers=headers, read=_read_version, final=LIMITED)
                refusals = 0
            except CutroomError as error:
                if error.code not in LIMITED:
                    raise
                # The task can still be polled.
                refusals, retry_after = refusals + 1, error.retry_after
                changed = self._send("GET", path, headers=headers, read=_read_version)
            if changed is not None:
                version, task = changed
                if on_progress:
                    on_progress(task)
                if task["status"] == "succeeded":
                    return task
                if task["status"] not in ("queued", "running"):
                    raise TaskFailedError(task)
            if refusals > 0:
                pause(min(refusals, 10), retry_after)

    def tasks(self, **query: Any) -> Iterator[types.TaskSummary]:
        """All tasks, page after page, the newest first; the arguments are those of `list_tasks`."""
        page = None
        while True:
            reply = self.list_tasks(**{"max": 100, **query, "page": page})
            yield from reply["tasks"]
            page = reply["next_page"]
            if not page:
                return

    def save(self, task: AnyTask, name: str, path: Path) -> None:
        """Downloads an output of a task into a file, which appears when it is complete."""
        partial = f"{os.fspath(path)}.part"

        def write(reply: Any) -> None:
            with open(partial, "wb") as file:
                for block in blocks_of(reply):
                    file.write(block)

        try:
            self._send("GET", f"/tasks/{quote(task['id'], safe='')}/outputs/{quote(name, safe='')}", read=write)
            os.replace(partial, path)
        finally:
            if os.path.exists(partial):
                os.remove(partial)

    def link(self, task: AnyTask, name: str, expires_in: int = 3600) -> str:
        """A URL of an output that needs no key until it expires, in seconds from now."""
        return self.link_output(task["id"], name, {"expires_in": expires_in})["url"]

    def _call(self, method: str, path: str, values: dict, query: dict, body: Any = None,
              headers: Optional[dict] = None, takes_key: bool = False, once: bool = False) -> Any:
        filled = path.format(**{name: quote(str(value), safe="") for name, value in values.items()})
        sent = dict(headers or {})
        if takes_key and not sent["idempotency-key"]:
            sent["idempotency-key"] = str(uuid.uuid4())
        return self._send(method, filled, query, body, sent, takes_key or (method != "POST" and not once))

    def _send(self, method: str, path: str, query: Optional[dict] = None, body: Any = None,
              headers: Optional[dict] = None, repeatable: bool = True,
              read: Optional[Callable[[Any], Any]] = None, final: tuple = ()) -> Any:
        pairs = [pair for name, value in (query or {}).items() for pair in _pairs(name, value)]
        url = f"{self.base_url}{path}{'?' + urlencode(pairs) if pairs else ''}"
        sent = {name: value for name, value in (headers or {}).items() if value}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            sent["content-type"] = "application/json"
        request = Request(method, url, sent, content, self._api_key, repeatable, accept=(UNCHANGED,), final=final)
        return send(request, read or _read_body, self._attempts)


def _read_body(reply: Any) -> Any:
    """JSON, the bytes of anything else, or None."""
    content = read_all(reply)
    if "json" not in reply.headers.get("content-type", ""):
        return content or None
    try:
        return json.loads(content)
    except ValueError:
        raise CutroomError("client.reply_unexpected", "The reply of the service is not JSON.") from None


def _read_version(reply: Any) -> Optional[tuple]:
    """The ETag of a task, and the task; None when it has not changed."""
    return None if reply.status == UNCHANGED else (reply.headers.get("etag"), _read_body(reply))


def _pairs(name: str, value: Any) -> list:
    """A dict as `metadata[order]=17`, which OpenAPI calls the style deepObject."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [pair for key, one in value.items() for pair in _pairs(f"{name}[{key}]", one)]
    return [(name, value)]
