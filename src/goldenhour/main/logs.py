"""Logs: structured, one event a line, no personal data.

Rule 1: logs name cases, units and seats by id; names, numbers, addresses and free text stay in the
database. The masks below are the second wall, for what slips through.
Rule 2: everything passes here, the libraries' logs and the traces of errors included.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog
from structlog.typing import Processor, WrappedLogger

from goldenhour.main.settings import LogFormat

MASK: Final = "***"

_PERSONAL_KEYS: Final = frozenset(
    {"name", "patient", "caller", "phone", "msisdn", "address", "text", "chat", "note"}
    | {"birth", "id_number", "password", "token"}
)
# A Chinese mobile number with or without 86, or a resident's identity number.
_PERSONAL: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+?86)?1[3-9]\d{9}|\d{17}[0-9Xx])(?![0-9A-Za-z])"
)


def configure_logs(log_format: LogFormat, level: str) -> None:
    """Once per process, before the first line. Raises ValueError for an unknown level."""
    # The client library tells every request; ours are told by those who make them.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # The server tells of each socket that opens or closes: hundreds, where a city starts.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask_personal,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def mask_personal(
    _logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = MASK if key in _PERSONAL_KEYS else _mask(value)
    return event


def _mask(value: Any) -> Any:
    match value:
        case str():
            return _PERSONAL.sub(MASK, value)
        case int() if not isinstance(value, bool) and _PERSONAL.fullmatch(str(value)):
            return MASK
        case Mapping():
            return {k: MASK if k in _PERSONAL_KEYS else _mask(v) for k, v in value.items()}
        case list() | tuple():
            return [_mask(item) for item in value]
    return value
