"""The elements of a DICOM file, read within limits.

Rule 1: little endian (implicit or explicit VR). Deflated files would grow as they are read, and big
        endian has been retired; both are refused by name. So are compressed pixels, but where the
        caller asks for them: then they are left as they are.
Rule 2: at most `MAX_ELEMENTS` elements, `MAX_DEPTH` deep; values stay where they are in the file. A
        general reader makes objects of everything that a file claims: sixteen million empty
        elements would take gigabytes.
Rule 3: what does not fit into its surroundings is an EcgFileError that names the element.
"""

from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from goldenhour.wire.ecg_files.record import EcgFileError

MAX_ELEMENTS: Final = 50_000
MAX_DEPTH: Final = 8

_PREAMBLE: Final = 128
_MAGIC: Final = b"DICM"
_IMPLICIT: Final = "1.2.840.10008.1.2"
_EXPLICIT: Final = "1.2.840.10008.1.2.1"
_UNDEFINED: Final = 0xFFFFFFFF
_ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
_META_GROUP: Final = 2
_PIXELS: Final = 0x7FE00010
_LONG_VRS: Final = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
TRANSFER_SYNTAX: Final = 0x00020010

Item = dict[int, "bytes | memoryview | list[Item]"]
"""Tag -> value, or the items of a sequence."""


class _Head(NamedTuple):
    tag: int
    vr: bytes
    """Empty where the file does not say."""
    length: int
    at: int
    """Where the value begins."""


def read_elements(
    data: bytes,
    *,
    plain: Container[str] = (_IMPLICIT, _EXPLICIT),
    encapsulated: Container[str] = (),
) -> Item:
    """The data set, with the file meta information in it. Raises EcgFileError.

    Of an encapsulated transfer syntax the pixels are one value, from the first fragment to the end
    of the file; what the file has behind them is not read.
    """
    if data[_PREAMBLE : _PREAMBLE + 4] != _MAGIC:
        raise EcgFileError("preamble", "this is no DICOM file")
    reader = _Reader(data)
    at, found = reader.meta(_PREAMBLE + 4)
    raw = found.get(TRANSFER_SYNTAX, b"")
    syntax = b"" if isinstance(raw, list) else bytes(raw)
    uid = syntax.decode("ascii", "replace").rstrip("\0 ")
    if uid not in plain and uid not in encapsulated:
        raise EcgFileError(
            "TransferSyntaxUID", f"{uid or 'absent'}: only uncompressed little endian can be read"
        )
    body, _ = reader.data_set(at, len(data), explicit=uid != _IMPLICIT, depth=0, closed=False)
    return found | body


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._view = memoryview(data)
        self._count = 0

    def meta(self, at: int) -> tuple[int, Item]:
        """Group 2, which is always explicit, and where it ends."""
        found: Item = {}
        while at + 4 <= len(self._data) and self._word(at) == _META_GROUP:
            head = self._head(at, len(self._data), explicit=True)
            at = head.at + self._inside(head, len(self._data))
            found[head.tag] = self._view[head.at : at]
        return at, found

    def data_set(
        self, at: int, end: int, *, explicit: bool, depth: int, closed: bool
    ) -> tuple[Item, int]:
        """Elements up to `end`, or to the item's delimiter where the item is `closed` by one."""
        if depth > MAX_DEPTH:
            raise EcgFileError("sequence", f"more than {MAX_DEPTH} deep")
        found: Item = {}
        while at < end:
            head = self._head(at, end, explicit=explicit)
            if head.tag == _ITEM_END and closed:
                return found, head.at
            if head.tag == _PIXELS and head.length == _UNDEFINED and depth == 0:
                # Fragments are no data sets; there are some in encapsulated syntaxes only.
                return found | {head.tag: self._view[head.at : end]}, end
            if head.length == _UNDEFINED or head.vr == b"SQ" or self._is_sequence(head, end):
                within = explicit and head.vr != b"UN"  # PS3.5 6.2.2: such content is implicit
                items, at = self._sequence(head, end, explicit=within, depth=depth + 1)
                found[head.tag] = items
            else:
                at = head.at + self._inside(head, end)
                found[head.tag] = self._view[head.at : at]
        if closed:
            raise EcgFileError("item", "it has no end")
        return found, at

    def _sequence(
        self, head: _Head, end: int, *, explicit: bool, depth: int
    ) -> tuple[list[Item], int]:
        closed = head.length == _UNDEFINED
        stop = end if closed else head.at + self._inside(head, end)
        items: list[Item] = []
        at = head.at
        while at < stop:
            item = self._head(at, stop, explicit=False)
            if item.tag == _SEQUENCE_END and closed:
                return items, item.at
            if item.tag != _ITEM:
                raise EcgFileError(_name(head.tag), f"{_name(item.tag)} in the place of an item")
            open_item = item.length == _UNDEFINED
            item_end = stop if open_item else item.at + self._inside(item, stop)
            content, at = self.data_set(
                item.at, item_end, explicit=explicit, depth=depth, closed=open_item
            )
            items.append(content)
        if closed:
            raise EcgFileError(_name(head.tag), "the sequence has no end")
        return items, at

    def _is_sequence(self, head: _Head, end: int) -> bool:
        """Where the file states no VR, a value that begins with an item is one."""
        return (
            head.vr in (b"", b"UN")
            and head.length >= 8  # noqa: PLR2004 (the head of an item)
            and head.at + 8 <= end
            and self._tag(head.at) == _ITEM
        )

    def _head(self, at: int, end: int, *, explicit: bool) -> _Head:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise EcgFileError("elements", f"more than {MAX_ELEMENTS}")
        if at + 8 > end:
            raise EcgFileError("element", "cut short")
        tag = self._tag(at)
        if not explicit or tag in (_ITEM, _ITEM_END, _SEQUENCE_END):
            return _Head(tag, b"", self._long(at + 4), at + 8)
        vr = self._data[at + 4 : at + 6]
        if vr not in _LONG_VRS:
            return _Head(tag, vr, self._word(at + 6), at + 8)
        if at + 12 > end:
            raise EcgFileError(_name(tag), "cut short")
        return _Head(tag, vr, self._long(at + 8), at + 12)

    @staticmethod
    def _inside(head: _Head, end: int) -> int:
        if head.at + head.length > end:
            raise EcgFileError(_name(head.tag), f"{head.length} bytes are not there")
        return head.length

    def _tag(self, at: int) -> int:
        return self._word(at) << 16 | self._word(at + 2)

    def _word(self, at: int) -> int:
        return int.from_bytes(self._data[at : at + 2], "little")

    def _long(self, at: int) -> int:
        return int.from_bytes(self._data[at : at + 4], "little")


def items_of(item: Item, tag: int, field: str) -> list[Item]:
    found = item.get(tag, [])
    if not isinstance(found, list):
        raise EcgFileError(field, "no sequence")
    return found


def octets_of(item: Item, tag: int, field: str) -> bytes | memoryview:
    """Empty where it is absent."""
    found = item.get(tag, b"")
    if isinstance(found, list):
        if found:
            raise EcgFileError(field, "a sequence in the place of a value")
        return b""
    return found


def iter_text(item: Item, tag: int, field: str, encoding: str = "ascii") -> Iterator[str]:
    """The values of a text; none where it is absent or empty."""
    raw = bytes(octets_of(item, tag, field)[:1024])
    text = raw.decode(encoding, "replace").strip("\0 ")
    if text:
        yield from (part.strip() for part in text.split("\\"))


def text_of(item: Item, tag: int, field: str, encoding: str = "ascii") -> str:
    """The first value."""
    return next(iter_text(item, tag, field, encoding), "")


def word_of(item: Item, tag: int, field: str, size: int = 2) -> int:
    raw = octets_of(item, tag, field)
    if len(raw) != size:
        raise EcgFileError(field, f"{len(raw)} bytes instead of {size}")
    return int.from_bytes(raw, "little")


def _name(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
