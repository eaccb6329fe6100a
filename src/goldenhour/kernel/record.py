"""The base of every value in the system."""

from typing import Any, dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class _RecordMeta(msgspec.StructMeta):
    """States once what every Record is, so that no subclass has to repeat it."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any
    ) -> Any:
        settings = {"frozen": True, "kw_only": True, "forbid_unknown_fields": True}
        return super().__new__(cls, name, bases, namespace, **(settings | config))


class Record(msgspec.Struct, metaclass=_RecordMeta):
    """An immutable value with named fields; an unknown field on the way in is an error."""
