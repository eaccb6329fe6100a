"""Reading one file of content, and what can be wrong with it."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from importlib.resources.abc import Traversable

import msgspec

from goldenhour.kernel.condition import ConditionError, asks_of, parse


class ContentError(ValueError):
    """A file that must not be used; `reason` names the field."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


def read_file[T](file: Traversable, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise ContentError(file.name, str(error)) from error


def check_names(where: str, whens: Iterable[str], names: AbstractSet[str]) -> None:
    for when in filter(None, whens):
        try:
            asked = {ask.name for ask in asks_of(parse(when))}
        except ConditionError as error:
            raise ContentError(where, str(error)) from error
        if unknown := asked - names:
            raise ContentError(where, f"there is no {min(unknown)!r}: {when}")
