"""The list of the shift check, read and checked whole."""

from importlib.resources.abc import Traversable

from goldenhour.content.check import ContentError, read_file
from goldenhour.domain.register.shift_check import CheckKind, ShiftCheck


def read_shift_check(file: Traversable) -> ShiftCheck:
    content = read_file(file, ShiftCheck)
    where = content.about.id
    items = content.list_items()
    if len({item.id for item in items}) != len(items):
        raise ContentError(where, "sections: an item id is used twice")
    for item in items:
        number = item.kind is CheckKind.NUMBER
        if number != (item.least < item.most):
            raise ContentError(where, f"{item.id}.most: above `least` for a number and only so")
        limits = [limit for limit in (item.low, item.high) if limit is not None]
        if not number and limits:
            raise ContentError(where, f"{item.id}: limits are for numbers")
        if any(not item.least <= limit <= item.most for limit in limits):
            raise ContentError(where, f"{item.id}: a limit beyond `least` and `most`")
    return content
