"""The bodies of requests and replies, for annotations: `edit: CreateTask = {"url": …, "preset": "reel"}`."""

from .generated.types import *  # noqa: F401,F403
