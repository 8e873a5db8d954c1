"""Verifies webhooks, which are signed as Standard Webhooks specifies: https://www.standardwebhooks.com"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any, Mapping, Sequence, Union

from .errors import CutroomError

TOLERANCE_S = 300


def verify_webhook(secret: Union[str, Sequence[str]], headers: Mapping[str, str], body: Union[bytes, str]) -> Any:
    """
    The event of a webhook whose signature is valid and at most five minutes old. `secret`: that of the account or of the
    webhook endpoint; several while it is being replaced. `body`: as it arrived, not parsed. Deliveries can repeat:
    those with the same `webhook-id` are the same event. Raises CutroomError `client.signature_invalid`.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, sent_at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    content = body.encode() if isinstance(body, str) else body
    signed = f"{message_id}.{sent_at}.".encode() + content
    signatures = given.get("webhook-signature", "").split(" ")
    secrets = [secret] if isinstance(secret, str) else secret
    is_recent = sent_at.isdigit() and abs(time.time() - int(sent_at)) <= TOLERANCE_S
    if not is_recent or not any(_is_signed(signed, one, signatures) for one in secrets):
        raise CutroomError("client.signature_invalid", "The webhook is not signed with this secret.")
    return json.loads(content)


def _is_signed(signed: bytes, secret: str, signatures: Sequence[str]) -> bool:
    try:
        key = base64.b64decode(secret[6:] if secret.startswith("whsec_") else secret)
    except binascii.Error:
        return False
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(wanted.encode(), signature.encode()) for signature in signatures)
