"""Every command that must be refused: not this role's to say, or about a case it may not see.

Rule 1: commands are made from their own types, so a new one is asked about from its first day.
Rule 2: nothing is said here that may be accepted; the matrix leaves the cases as they are.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import inspect

from goldenhour.app.access import COMMANDS
from goldenhour.app.accounts import Person
from goldenhour.domain.commands import Command
from goldenhour.kernel.record import Record
from goldenhour.main.drills.authz_ground import HOSPITALS, Case, Rights

_BY_ROLE: Final = frozenset({403})
_BY_READING: Final = frozenset({403, 409})
_PLAIN: Final[dict[type[inspect.Type], Any]] = {
    inspect.StrType: "x",
    inspect.IntType: 1,
    inspect.FloatType: 0.5,
    inspect.BoolType: False,
    inspect.DictType: {},
    inspect.NoneType: None,
    inspect.AnyType: "x",
}


class Said(Record):
    person: Any
    command: dict[str, Any]
    refusals: frozenset[int]
    """The status codes of a refusal."""


def commands(people: Sequence[Person], cases: list[Case], rights: Rights) -> Iterator[Said]:
    made = [(kind, case, _made(kind, case)) for kind in Command.__args__ for case in cases]
    for person in people:
        readable = rights.readable(person.role, person.org)
        for kind, case, command in made:
            if person.role not in COMMANDS[kind]:
                yield Said(person=person, command=command, refusals=_BY_ROLE)
                continue
            about = [stream for stream in _about(kind, case) if rights.exists(stream)]
            if about and readable.isdisjoint(about):
                yield Said(person=person, command=command, refusals=_BY_READING)


def _about(kind: type[Record], case: Case) -> list[str]:
    """The streams of the case that a command names."""
    return [
        f"{name}:{ident}"
        for name, ident in (case.ids | {"unit": case.unit_id}).items()
        if f"{name}_id" in kind.__struct_fields__
    ]


def _made(kind: type[Record], case: Case) -> dict[str, Any]:
    """A well-formed command of a type, about a case."""
    ids = {f"{name}_id": ident for name, ident in case.ids.items()}
    ids |= {
        "unit_id": case.unit_id,
        "hospital_id": HOSPITALS[0],
        "alert_id": f"not_acknowledged.{case.ids['mission']}",
        "side": "crew",
    }
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    body = _struct(info)
    command = body | {name: ident for name, ident in ids.items() if name in body}
    msgspec.convert(command, kind)
    return command


def _struct(info: inspect.StructType) -> dict[str, Any]:
    body = {field.encode_name: _value(field.type) for field in info.fields if field.required}
    return body | ({str(info.tag_field): info.tag} if info.tag_field else {})


def _value(info: inspect.Type) -> Any:
    match info:
        case inspect.StructType():
            return _struct(info)
        case inspect.EnumType():
            first: Enum = next(iter(info.cls))
            return first.value
        case inspect.UnionType():
            return _value(info.types[0])
        case inspect.VarTupleType():
            return [_value(info.item_type)] * (info.min_length or 0)
        case inspect.Metadata():
            return _value(info.type)
        case _:
            return _PLAIN[type(info)]
