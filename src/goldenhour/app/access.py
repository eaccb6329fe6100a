"""Who may do and read what: the first wall. Row-level security is the second.

Rule 1: every command names the roles that may send it; a command without a line here fails the
        build (tests/arch) and is refused at run time.
Rule 2: a role reads topics (kinds of stream) of the organisations in its scope, and whatever has
        been granted to its organisation for a time. Nothing else exists for it.
Rule 3: what a person says is said in their own name: a crew cannot sign for a hospital, nor a
        dispatcher mark a node as if the crew had.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from goldenhour.app.journal import Identity
from goldenhour.domain import commands as c
from goldenhour.domain.case.reactions import HOSPITAL_READERS, ROAD_READERS
from goldenhour.domain.dispatch.events import Source
from goldenhour.kernel.record import Record


class Role(StrEnum):
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    STATION = "station"
    CREW = "crew"
    HOSPITAL = "hospital"
    POLICE = "police"
    FIRE = "fire"
    VOLUNTEER = "volunteer"
    QUALITY = "quality"
    ADMIN = "admin"
    GATEWAY = "gateway"
    """A caller process or telephony gateway: it offers calls and nothing else."""
    VEHICLE = "vehicle"
    """The computer in an ambulance, by its own key."""
    SEAT = "seat"
    """A centre's declared fallback seat, by its own key: it reads what the centre's desk reads."""
    NODE = "node"
    """Another node, by its own key: it reads how units stand."""


class Principal(Record):
    """A person or device that has proved who it is."""

    person_id: str
    name: str
    role: Role
    org: str
    seat: str
    unit_id: str
    hospital_id: str
    physician: bool = False


DESK: Final = frozenset({Role.DISPATCHER, Role.SUPERVISOR})
CAREGIVERS: Final = frozenset({Role.CREW})
DRIVERS: Final = frozenset({Role.CREW, Role.STATION, *DESK})
PLANNERS: Final = frozenset({Role.ADMIN, Role.SUPERVISOR})
"""They make the roster of the units below their organisation."""
SYSTEM_ONLY: Final[frozenset[Role]] = frozenset()

COMMANDS: Final[Mapping[type[Record], frozenset[Role]]] = {
    c.Ring: frozenset({Role.GATEWAY, *DESK}),
    c.Answer: DESK,
    c.Abandon: frozenset({Role.GATEWAY, *DESK}),
    c.RingBack: DESK,
    c.RecordCallField: DESK,
    c.EndCall: DESK,
    c.OpenIncident: DESK,
    c.OpenStandby: DESK,
    c.EnterPaper: DESK,
    c.JoinCall: DESK,
    c.SetLocation: DESK,
    c.SetComplaint: DESK,
    c.AnswerQuestion: DESK,
    c.OverrideLevel: DESK,
    c.GiveInstruction: DESK,
    c.CloseIncident: DESK,
    c.ReopenIncident: DESK,
    c.OfferCase: DESK,
    c.WithdrawOffer: DESK,
    c.DeclineCase: DESK,
    c.TakeCase: DESK,
    c.CheckMoved: SYSTEM_ONLY,
    c.AskUnit: DESK,
    c.WithdrawAsk: DESK,
    c.CheckAsk: SYSTEM_ONLY,
    c.AnswerAsk: SYSTEM_ONLY,
    c.LinkRun: SYSTEM_ONLY,
    c.LoseRun: SYSTEM_ONLY,
    c.Lend: SYSTEM_ONLY,
    c.Assign: DESK,
    c.Reserve: DESK,
    c.Activate: DESK,
    c.Reach: DRIVERS,
    c.ProposeMilestone: SYSTEM_ONLY,
    c.UndoMilestone: DRIVERS,
    c.CorrectMilestone: frozenset({Role.CREW, *DESK}),
    c.StandDown: DESK,
    c.Divert: DESK,
    c.Relieve: DESK,
    c.SetDestination: frozenset({Role.CREW, *DESK}),
    c.Reroute: frozenset({Role.CREW, *DESK}),
    c.RecordTaskText: SYSTEM_ONLY,
    c.AddRunFile: SYSTEM_ONLY,
    c.PutRunFile: frozenset({Role.CREW, Role.QUALITY}),
    c.AskCallback: frozenset({Role.CREW}),
    c.AnswerCallback: SYSTEM_ONLY,
    c.ShowNumber: frozenset({Role.CREW}),
    c.SeeStandDown: frozenset({Role.CREW}),
    c.RefuseOrder: SYSTEM_ONLY,
    c.CloseUntreated: CAREGIVERS,
    c.BindMonitor: CAREGIVERS,
    c.GiveBand: CAREGIVERS,
    c.TakeBand: CAREGIVERS,
    c.TakeOffMonitor: CAREGIVERS,
    c.PutBackMonitor: CAREGIVERS,
    c.PlaceLeads: CAREGIVERS,
    c.PlaceMonitor: SYSTEM_ONLY,
    c.CorrectMonitor: frozenset({Role.CREW, Role.QUALITY}),
    c.CheckAcknowledged: SYSTEM_ONLY,
    c.CheckDeparted: SYSTEM_ONLY,
    c.CheckWindow: SYSTEM_ONLY,
    c.RegisterPatient: CAREGIVERS,
    c.CorrectDemographic: CAREGIVERS,
    c.Identify: CAREGIVERS,
    c.MergePatients: frozenset({Role.CREW, Role.QUALITY, *DESK}),
    c.PartPatients: frozenset({Role.CREW, Role.QUALITY, *DESK}),
    c.ChartVitals: SYSTEM_ONLY,
    c.EnterVitals: CAREGIVERS,
    c.SetAlarm: SYSTEM_ONLY,
    c.SetRhythm: SYSTEM_ONLY,
    c.SetDeviceAlarm: SYSTEM_ONLY,
    c.SetDeviceSilent: SYSTEM_ONLY,
    c.SetSceneAlarm: SYSTEM_ONLY,
    c.SeeRhythm: frozenset({Role.CREW}),
    c.Observe: CAREGIVERS,
    c.ConfirmLevel: frozenset({Role.CREW, Role.HOSPITAL}),
    c.SeeWorsening: frozenset({Role.CREW, Role.HOSPITAL}),
    c.WriteField: CAREGIVERS,
    c.OpenSheet: CAREGIVERS,
    c.GiveDrug: CAREGIVERS,
    c.DoProcedure: CAREGIVERS,
    c.TakeNote: CAREGIVERS,
    c.RecordEcg: SYSTEM_ONLY,
    c.InterpretEcg: frozenset({Role.CREW, Role.HOSPITAL}),
    c.CheckEcg: SYSTEM_ONLY,
    c.WithdrawEntry: CAREGIVERS,
    c.SignForm: CAREGIVERS,
    c.SignRecord: CAREGIVERS,
    c.AskPortrait: CAREGIVERS,
    c.RecordPortrait: SYSTEM_ONLY,
    c.AddFile: SYSTEM_ONLY,
    c.WithdrawFile: frozenset({Role.CREW, Role.HOSPITAL}),
    c.PreAlert: frozenset({Role.CREW, *DESK}),
    c.CorrectPreAlert: frozenset({Role.CREW, *DESK}),
    c.AcknowledgePreAlert: frozenset({Role.HOSPITAL}),
    c.DeclinePreAlert: frozenset({Role.HOSPITAL}),
    c.WithdrawPreAlert: frozenset({Role.CREW, *DESK}),
    c.Sign: frozenset({Role.CREW, Role.HOSPITAL}),
    c.CheckPreAlert: SYSTEM_ONLY,
    c.DropPreAlert: SYSTEM_ONLY,
    c.RaiseAlert: SYSTEM_ONLY,
    c.AcknowledgeAlert: frozenset({Role.HOSPITAL, *DESK}),
    c.EscalateAlert: SYSTEM_ONLY,
    c.MoveAlert: SYSTEM_ONLY,
    c.ResolveAlert: SYSTEM_ONLY,
    c.ListUnit: frozenset({Role.ADMIN}),
    c.ImportUnits: SYSTEM_ONLY,
    c.ImportStations: SYSTEM_ONLY,
    c.SetDuty: frozenset({Role.STATION, Role.CREW, *DESK}),
    c.CheckUnit: frozenset({Role.CREW, Role.STATION}),
    c.TakeOverCheck: frozenset({Role.CREW, Role.STATION}),
    c.TakeOutOfService: DRIVERS,
    c.PutBackInService: DRIVERS,
    c.CallHelp: CAREGIVERS,
    c.EndHelp: frozenset({Role.CREW, *DESK}),
    c.NameHome: PLANNERS,
    c.TakeUnitOver: frozenset({Role.SUPERVISOR}),
    c.GiveUnit: frozenset({Role.SUPERVISOR}),
    c.LearnHome: SYSTEM_ONLY,
    c.PlanShift: PLANNERS,
    c.ChangeShift: PLANNERS,
    c.WithdrawShift: PLANNERS,
    c.ImportRoster: PLANNERS,
    c.ListHospital: frozenset({Role.ADMIN}),
    c.ReportBeds: frozenset({Role.HOSPITAL}),
    c.SetDiversion: frozenset({Role.HOSPITAL}),
    c.CloseRoad: DESK,
    c.ChangeClosure: DESK,
    c.ReopenRoad: DESK,
}

_CASE: Final = ("call", "incident", "mission", "patient", "handover", "alert")
"""Of alerts a vehicle reads those about its unit alone: each belongs to its subject's owner."""
TOPICS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.DISPATCHER: (*_CASE, "unit", "hospital", "road", "roster"),
    Role.SUPERVISOR: (*_CASE, "unit", "hospital", "road", "roster", "station"),
    Role.STATION: ("incident", "mission", "alert", "unit"),
    Role.CREW: (*_CASE, "unit", "hospital", "road"),
    Role.VEHICLE: (*_CASE, "unit", "hospital", "road"),
    Role.SEAT: (*_CASE, "unit", "hospital", "road", "roster"),
    Role.NODE: ("unit", "mission"),
    Role.HOSPITAL: ("incident", "mission", "patient", "handover", "hospital", "alert"),
    Role.QUALITY: (*_CASE, "unit", "hospital", "road", "roster"),
    Role.ADMIN: ("unit", "hospital", "roster", "station"),
    Role.POLICE: (),
    Role.FIRE: (),
    Role.VOLUNTEER: (),
    Role.GATEWAY: ("call",),
}

_SOURCES: Final[Mapping[Role, frozenset[Source]]] = {
    Role.CREW: frozenset({Source.CREW}),
    Role.STATION: frozenset({Source.STATION}),
    Role.DISPATCHER: frozenset({Source.DISPATCHER}),
    Role.SUPERVISOR: frozenset({Source.DISPATCHER}),
}


class Organisation(Record):
    id: str
    parent: str
    """Empty at the root."""
    kind: str
    """city, centre, county, station, unit, hospital, police, fire, volunteer"""
    name: str
    name_en: str
    edited_ms: int | None = None
    """When an administrator last changed it; then it is no longer the city file's to change."""
    closed_ms: int | None = None


class Organisations:
    """The tree of organisations, rebuilt whole when it changes."""

    def __init__(self, rows: list[Organisation]) -> None:
        self.rows = {row.id: row for row in rows}
        self._children: dict[str, list[str]] = {}
        for row in rows:
            self._children.setdefault(row.parent, []).append(row.id)

    def subtree(self, org: str) -> tuple[str, ...]:
        """The organisation and everything below it."""
        found, waiting = [], [org]
        while waiting:
            current = waiting.pop()
            found.append(current)
            waiting.extend(self._children.get(current, ()))
        return tuple(found)


_ON_THE_ROAD: Final = frozenset(
    {Role.DISPATCHER, Role.SUPERVISOR, Role.CREW, Role.VEHICLE, Role.SEAT, Role.QUALITY}
)
"""These choose hospitals and ways, so they read what every hospital says of itself, and what any
centre says of a road."""


def identity_of(principal: Principal, tree: Organisations) -> Identity:
    """What the principal may read; an organisation outside the tree reads nothing."""
    if principal.org not in tree.rows:
        return Identity(orgs=(), topics=())
    orgs = tree.subtree(principal.org)
    if principal.role in _ON_THE_ROAD:
        orgs = (*orgs, HOSPITAL_READERS, ROAD_READERS)
    return Identity(orgs=tuple(sorted(orgs)), topics=TOPICS[principal.role])


def may_send(principal: Principal, command: c.Command) -> bool:
    """Whether this principal may say this at all; what it is said about is checked by reading."""
    return refusal_of(principal, command) == ""


def refusal_of(principal: Principal, command: c.Command) -> str:
    """Why this principal may not say this at all; empty: they may."""
    may = principal.role in COMMANDS.get(type(command), frozenset())
    match command:
        case c.InterpretEcg() if may and not principal.physician:
            return "physician_required"
        case c.Reach():
            may = may and command.source in _SOURCES[principal.role]
        case c.Sign():
            may = may and command.side == principal.role
    return "" if may else "not_allowed"
