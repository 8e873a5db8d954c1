"""Sends a file in chunks, and continues where a broken connection left off."""

import os
from typing import Any, BinaryIO, Callable, Optional

from .errors import CutroomError
from .generated.types import Upload
from .transport import ATTEMPTS, Request, pause, send

# Cloud Storage takes multiples of 256 KiB.
CHUNK_BYTES = 8 * 1024 * 1024
# Where a chunk ends that is not the last one.
INCOMPLETE = 308

Progress = Callable[[int, int], Any]


def send_file(file: BinaryIO, upload: Upload, on_progress: Optional[Progress] = None) -> None:
    """`file`: binary and seekable. `upload`: the reply that created the upload. `on_progress(sent, total)`: bytes."""
    total = os.fstat(file.fileno()).st_size
    if total == 0:
        raise CutroomError("client.input_invalid", f"{file.name} is empty.")
    arrived, breaks = 0, 0
    while arrived < total:
        file.seek(arrived)
        chunk = file.read(CHUNK_BYTES)
        before = arrived
        try:
            arrived = _put(upload, f"bytes {arrived}-{arrived + len(chunk) - 1}/{total}", chunk, total)
        except CutroomError as error:
            breaks += 1
            if not error.retryable or breaks >= ATTEMPTS:
                raise
            pause(breaks, error.retry_after)
            arrived = _put(upload, f"bytes */{total}", None, total)
        if arrived > before:
            breaks = 0
        if on_progress:
            on_progress(arrived, total)


def _put(upload: Upload, content_range: str, chunk: Optional[bytes], total: int) -> int:
    """Sends a chunk once, or asks what has arrived; returns the number of bytes that the service has."""
    headers = {**upload["headers"], "Content-Range": content_range, "Content-Length": str(len(chunk or b""))}
    request = Request(upload["method"], upload["url"], headers, chunk, accept=(INCOMPLETE,))

    def read(reply: Any) -> int:
        if reply.status != INCOMPLETE:
            return total
        arrived = reply.headers.get("range", "")
        return int(arrived.rsplit("-", 1)[1]) + 1 if arrived else 0

    # A chunk is repeated only once it is known what has arrived.
    return send(request, read, attempts=1 if chunk else ATTEMPTS)
