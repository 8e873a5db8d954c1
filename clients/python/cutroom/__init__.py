"""The client of Cutroom: `Client`. It needs Python 3.9 or later and no packages."""

from .client import Client
from .errors import CutroomError, TaskFailedError
from .webhooks import verify_webhook

__all__ = ["Client", "CutroomError", "TaskFailedError", "verify_webhook"]
