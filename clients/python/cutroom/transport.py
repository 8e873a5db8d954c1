"""Sends requests, and again while that can help."""

import http.client
import json
import random
import time
import urllib.error
import urllib.request
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Optional
from urllib.parse import urlsplit

from .errors import CutroomError

ATTEMPTS = 6
TIMEOUT_S = 120
BLOCK_BYTES = 1024 * 1024


class Request(NamedTuple):
    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: Optional[bytes] = None
    # Redirects do not get it: those of downloads lead to other hosts.
    token: Optional[str] = None
    # Whether the request may arrive twice. Others are only sent again when the service refused them before it began.
    repeatable: bool = True
    # Replies that are no errors, besides 2xx.
    accept: tuple = ()
    # Codes of errors for which the caller has something better than another attempt.
    final: tuple = ()


def send(request: Request, read: Callable[[Any], Any], attempts: int = ATTEMPTS) -> Any:
    """What `read` makes of the reply, which is called once for each attempt. Raises CutroomError."""
    for attempt in range(1, attempts + 1):
        try:
            with _open(request) as reply:
                return read(reply)
        except CutroomError as error:
            is_final = error.code in request.final
            may_repeat = error.retryable and not is_final and (request.repeatable or _is_refusal(error))
            if attempt == attempts or not may_repeat:
                raise
            pause(attempt, error.retry_after)


def _is_refusal(error: CutroomError) -> bool:
    """Whether the service has not begun with the request. A proxy also answers 503 when it has lost the service's reply."""
    return error.status == 429 or (error.status == 503 and error.code != "client.connection_failed")


def pause(attempt: int, at_least: float = 0) -> None:
    """Waits before the next attempt, twice as long each time, with jitter."""
    time.sleep(max(at_least, min(0.4 * 2 ** (attempt - 1), 20) * random.uniform(0.5, 1)))


def blocks_of(reply: Any) -> Iterator[bytes]:
    """The body, block by block. Raises CutroomError `client.connection_failed` when it ends early."""
    arrived, wanted = 0, reply.headers.get("content-length")
    while True:
        try:
            block = reply.read(BLOCK_BYTES)
        except (OSError, http.client.HTTPException) as cause:
            raise CutroomError("client.connection_failed", "The connection broke while a reply arrived.") from cause
        if not block:
            break
        arrived += len(block)
        yield block
    if wanted is not None and arrived < int(wanted):
        raise CutroomError("client.connection_failed", "The connection broke while a reply arrived.")


def read_all(reply: Any) -> bytes:
    return b"".join(blocks_of(reply))


def _open(request: Request) -> Any:
    message = urllib.request.Request(request.url, request.body, dict(request.headers), method=request.method)
    if request.token:
        message.add_unredirected_header("Authorization", f"Bearer {request.token}")
    address = urlsplit(request.url)
    action = f"{request.method} {address.path}"
    try:
        return urllib.request.urlopen(message, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as reply:
        if reply.code in request.accept:
            return reply
        with reply:
            raise _to_error(reply, action) from None
    except (OSError, http.client.HTTPException) as cause:
        reason = getattr(cause, "reason", cause)
        detail = f"{action} failed: no reply from {address.hostname} ({reason})."
        raise CutroomError("client.connection_failed", detail) from cause


def _to_error(reply: urllib.error.HTTPError, action: str) -> CutroomError:
    """The error that an unsuccessful reply describes."""
    try:
        problem = json.loads(read_all(reply))
        code, detail = problem["code"], problem.get("detail") or problem.get("title") or f"{action} failed."
    except (ValueError, KeyError, TypeError, CutroomError):
        # Of a proxy, or of another program. Proxies answer 5xx while a service restarts.
        code = "client.connection_failed" if reply.code >= 500 else "client.reply_unexpected"
        return CutroomError(code, f"{action} failed: the reply was {reply.code}, without a description.", reply.code)
    seconds = reply.headers.get("retry-after", "")
    retry_after = float(seconds) if seconds.isdigit() else 0
    return CutroomError(code, detail, reply.code, problem.get("errors"), problem.get("request_id"), retry_after)
