"""Writes the web's types from ours into `web/packages/contract/src/generated.ts`.

Rule 1: what the server says has all its fields; a page may leave out what has a default.
Rule 2: a page sends personal text in the clear over TLS; only the server seals, so `Personal` is
        `Clear` here.
Rule 3: the file is the output of this program and nothing else (tests/arch/test_contract_types.py).
"""

import enum
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

from msgspec import inspect

from goldenhour.adapters.web import (
    admin_routes,
    burn_routes,
    cabin_routes,
    command_routes,
    device_routes,
    ecg_compare_routes,
    fleet_routes,
    history,
    image_routes,
    live_routes,
    number_routes,
    position_routes,
    record_routes,
    roster_routes,
    services,
    session_routes,
    station_routes,
    stranger_routes,
    tablet_routes,
    terminal_media_routes,
    terminal_routes,
    vehicle_routes,
    vehicle_table_routes,
)
from goldenhour.adapters.web.problems import Problem
from goldenhour.app.access import Organisation, Role
from goldenhour.app.copies import RefusedCopy
from goldenhour.app.edge import AsideItem, EdgeStatus
from goldenhour.app.files import FileOrigin, FileRow
from goldenhour.app.id_card import IdCard
from goldenhour.app.images import StoredImage
from goldenhour.app.journal import Outcome
from goldenhour.app.peers import PeerStatus
from goldenhour.app.seat import Mode, SeatStatus
from goldenhour.app.terminals import FramePage
from goldenhour.app.video import RunVideo
from goldenhour.domain import commands
from goldenhour.domain.attention import alert
from goldenhour.domain.attention.limits import Limits
from goldenhour.domain.care import ecg_rules
from goldenhour.domain.dispatch import mission
from goldenhour.domain.dispatch.route import Route
from goldenhour.domain.handover import prealert
from goldenhour.domain.handover.choose import RankedHospital
from goldenhour.domain.intake import call, incident
from goldenhour.domain.register.city import CAPABILITIES, AddressHit, City
from goldenhour.domain.register.unit import OUT_OF_SERVICE_REASONS
from goldenhour.domain.review.breakdown import Breakdown
from goldenhour.domain.review.elements import Completeness
from goldenhour.domain.review.kpi import Kpi
from goldenhour.kernel.levels import DispatchLevel, TriageLevel
from goldenhour.kernel.personal import Clear, Sealed
from goldenhour.kernel.telemetry import TabletPosition
from goldenhour.views import answers, rows, whole_record

TARGET: Final = Path(__file__).parents[1] / "web/packages/contract/src/generated.ts"
HEADER: Final = "// Written by tools/contract.py from the server's own types. Do not edit.\n"

NAMED: Final[dict[type[enum.Enum], str]] = {
    call.State: "CallState",
    incident.State: "IncidentState",
    mission.State: "MissionState",
    prealert.State: "HandoverState",
    alert.State: "AlertState",
    ecg_rules.Reading: "EcgVerdict",
    Mode: "SeatMode",
}
"""Five enumerations are called State; a track has a Reading too; Mode says nothing by itself."""
WORDS: Final[dict[tuple[type, str], type[enum.Enum]]] = {
    (rows.CallRow, "state"): call.State,
    (rows.IncidentRow, "state"): incident.State,
    (rows.MissionRow, "state"): mission.State,
    (rows.HandoverRow, "state"): prealert.State,
    (rows.AlertRow, "state"): alert.State,
    (session_routes.Session, "role"): Role,
    (services.DemoAccount, "role"): Role,
    (admin_routes.PersonRow, "role"): Role,
}
"""Fields that are text on the wire and words of an enumeration by their making."""
LISTS: Final = {
    "CAPABILITIES": CAPABILITIES,
    "OUT_OF_SERVICE_REASONS": OUT_OF_SERVICE_REASONS,
    "STAND_DOWN_REASONS": mission.STAND_DOWN_REASONS,
}
UNIONS: Final = {"Row": rows.Row, "LiveMessage": live_routes.ServerMessage}
SAID: Final = (
    FileOrigin,
    FileRow,
    StoredImage,
    image_routes.WaitingImage,
    RunVideo,
    answers.CaseAnswer,
    answers.CasePatientsAnswer,
    answers.CentreAnswer,
    answers.DuplicateAnswer,
    answers.EtaAnswer,
    answers.WindowAnswer,
    answers.LearntAnswer,
    answers.LevelIfAnswer,
    answers.MatchedAnswer,
    answers.PaintedAnswer,
    answers.ReadingsAnswer,
    answers.RecommendAnswer,
    answers.RedirectAnswer,
    answers.ReplayAnswer,
    answers.SeatAnswer,
    answers.TimelineAnswer,
    answers.TogetherAnswer,
    answers.TrackAnswer,
    whole_record.WholeRecord,
    device_routes.DeviceRow,
    device_routes.NewDeviceAnswer,
    device_routes.NewSeatAnswer,
    admin_routes.NewTotp,
    admin_routes.PersonRow,
    burn_routes.BurnAnswer,
    cabin_routes.CabinState,
    cabin_routes.CabinSwitched,
    ecg_compare_routes.EcgComparison,
    ecg_compare_routes.KnownEcgs,
    fleet_routes.MileageRow,
    live_routes.Painted,
    number_routes.NumberAnswer,
    position_routes.TabletAnswer,
    record_routes.PlaceTableAnswer,
    roster_routes.ImportAnswer,
    roster_routes.RosterEntryRow,
    roster_routes.RosterWeek,
    services.DemoAccount,
    session_routes.Session,
    tablet_routes.TabletCode,
    tablet_routes.TabletKey,
    terminal_media_routes.MediaPage,
    terminal_routes.TerminalAnswer,
    history.StreamEvent,
    station_routes.StationImport,
    station_routes.StationRow,
    stranger_routes.StrangerRow,
    FramePage,
    RefusedCopy,
    vehicle_routes.VehicleRow,
    vehicle_table_routes.VehicleImport,
    AddressHit,
    Breakdown,
    City,
    Completeness,
    EdgeStatus,
    AsideItem,
    IdCard,
    Kpi,
    Limits,
    Organisation,
    Outcome,
    Problem,
    RankedHospital,
    SeatStatus,
    PeerStatus,
    Route,
)
SENT: Final = (
    session_routes.LogIn,
    device_routes.DeviceName,
    device_routes.NewDevice,
    device_routes.NewSeat,
    device_routes.NewProfile,
    terminal_routes.NewOrder,
    admin_routes.NewOrganisation,
    admin_routes.NewPerson,
    admin_routes.OrganisationChange,
    admin_routes.PersonChange,
    command_routes.CommandRequest,
    roster_routes.DraftShift,
    stranger_routes.StrangerName,
    TabletPosition,
)
SCALARS: Final = {
    inspect.StrType: "string",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
    inspect.BytesType: "string",
}


class Writer:
    """Collects every named type that is reached from what it is asked to write."""

    def __init__(self) -> None:
        self.blocks: dict[str, str] = {}
        self._owner: dict[str, type] = {}

    def enumeration(self, cls: type[enum.Enum]) -> str:
        name = NAMED.get(cls, cls.__name__)
        self._write(name, cls, lambda: _list(name, [member.value for member in cls]))
        return name

    def record(self, cls: type, *, sent: bool = False) -> str:
        name = cls.__name__
        self._write(name, cls, lambda: f"export interface {name} {self._body(cls, sent=sent)}\n")
        return name

    def union(self, name: str, members: tuple[type, ...]) -> None:
        lines = "\n".join(f"  | {self.record(m)}" for m in members)
        self.blocks[name] = f"export type {name} =\n{lines}\n"

    def sent_union(self, name: str, members: tuple[type, ...]) -> None:
        """Members without names of their own: two commands are called like other values."""
        lines = "\n".join(f"  | {self._body(m, sent=True, indent='    ')}" for m in members)
        self._owner[name] = object
        self.blocks[name] = f"export type {name} =\n{lines}\n"

    def _write(self, name: str, cls: type, make: Any) -> None:
        known = self._owner.setdefault(name, cls)
        if known is not cls:
            raise SystemExit(f"two types are called {name}: {known.__module__}, {cls.__module__}")
        if name not in self.blocks:
            self.blocks[name] = ""  # a type may contain itself
            self.blocks[name] = make()

    def _body(self, cls: type, *, sent: bool, indent: str = "  ") -> str:
        told = inspect.type_info(cls)
        assert isinstance(told, inspect.StructType)
        lines = [f"{told.tag_field}: '{told.tag}'"] if told.tag_field else []
        for field in told.fields:
            optional = sent and not field.required
            words = WORDS.get((cls, field.name))
            text = self.enumeration(words) if words else self.text(field.type)
            lines.append(f"{field.encode_name}{'?' if optional else ''}: {text}")
        return "{\n" + "".join(f"{indent}{line}\n" for line in lines) + indent[:-2] + "}"

    def text(self, told: inspect.Type) -> str:
        match told:
            case inspect.Metadata():
                return self.text(told.type)
            case inspect.LiteralType():
                return " | ".join(f"'{value}'" for value in told.values)
            case inspect.EnumType():
                return self.enumeration(told.cls)
            case inspect.StructType():
                return "Command" if told.cls in COMMANDS else self.record(told.cls)
            case inspect.UnionType():
                return self._either(told.types)
            case inspect.VarTupleType() | inspect.ListType():
                inner = self.text(told.item_type)
                return f"({inner})[]" if "|" in inner else f"{inner}[]"
            case inspect.TupleType():
                return f"[{', '.join(map(self.text, told.item_types))}]"
            case inspect.DictType():
                key, value = self.text(told.key_type), self.text(told.value_type)
                shape = f"Record<{key}, {value}>"
                return shape if key == "string" else f"Partial<{shape}>"
        return SCALARS[type(told)]

    def _either(self, types: tuple[inspect.Type, ...]) -> str:
        classes = {t.cls for t in types if isinstance(t, inspect.StructType)}
        if classes == set(COMMANDS):
            return "Command"
        if Clear in classes:
            types = tuple(t for t in types if getattr(t, "cls", None) is not Sealed)
        texts = dict.fromkeys(map(self.text, types))
        return " | ".join(sorted(texts, key=lambda text: text == "null"))


COMMANDS: Final = get_args(commands.Command)


def _list(name: str, values: list[Any] | tuple[str, ...]) -> str:
    lines = "".join(f"  '{value}',\n" for value in values)
    kind = "" if name.isupper() else f"export type {name} = (typeof {name})[number]\n"
    return f"export const {name} = [\n{lines}] as const\n{kind}"


def _blocks() -> Iterator[str]:
    writer = Writer()
    for listed in (DispatchLevel, TriageLevel):
        writer.enumeration(listed)
    for name, union in UNIONS.items():
        writer.union(name, get_args(union))
    writer.sent_union("Command", COMMANDS)
    for cls in SAID:
        writer.record(cls)
    for shape in SENT:
        writer.record(shape, sent=True)
    yield HEADER
    for name, values in LISTS.items():
        yield _list(name, values)
    yield from (writer.blocks[name] for name in sorted(writer.blocks))


def typescript() -> str:
    return "\n".join(_blocks())


if __name__ == "__main__":
    TARGET.write_text(typescript(), encoding="utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(typescript().splitlines())} lines\n")
