"""How many connections a process may hold: it begins with a thousand, whatever is allowed."""

import resource
from typing import Final

import structlog

_log = structlog.get_logger(__name__)
OTHER_FILES: Final = 500
"""The database, the bus, logs, files that are written and read."""


def allow_connections(wanted: int) -> None:
    """As many as that beside everything else; where the system allows fewer, the log says so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < needed:
        _log.warning("files.too_few", wanted=needed, allowed=allowed)
