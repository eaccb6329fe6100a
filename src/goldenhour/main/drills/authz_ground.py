"""The ground of the authz drill: two centres, their cases in every stage, people of every kind.

Rule 1: what a person may read is worked out here from the first principles of design.md rule 14
        (own organisation and below, live grants, the topics of the role); the product's own
        `identity_of` is not asked, so a mistake there is found.
Rule 2: every case carries words that no other case has; wherever they turn up, they are counted.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import TOPICS, Organisation, Organisations, Role
from goldenhour.app.accounts import Person
from goldenhour.domain import commands as c
from goldenhour.domain.case import kind_of
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.intake.events import LocationSource
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.record import Record
from goldenhour.main.drills.lab import LabWorld
from goldenhour.simulator import cases
from goldenhour.simulator.cases import Step

CENTRES: Final = ("centre", "county")
HOSPITALS: Final = ("h1", "h2")
STAGES: Final = ("waiting", "dispatched", "prealerted", "rerouted")
STATES: Final = ("valid", "expired", "revoked", "deactivated")
"""Of a session; `none` needs no person."""
ON_THE_ROAD: Final = frozenset(
    {Role.DISPATCHER, Role.SUPERVISOR, Role.CREW, Role.VEHICLE, Role.SEAT, Role.QUALITY}
)
_OUTSIDE: Final = "elsewhere"
TENANTS: Final = (
    "city",
    *CENTRES,
    "station:s-centre",
    "unit:centre-prealerted",
    "unit:county-dispatched",
    *(f"hospital:{hospital}" for hospital in HOSPITALS),
    _OUTSIDE,
)


class Case(Record):
    """One emergency and the words that only it contains, by the topics that hold them."""

    centre: str
    stage: str
    unit_id: str
    ids: dict[str, str]
    """Kind of stream -> the id of the case's own."""
    words: dict[str, tuple[str, ...]]
    """A word -> the streams that may tell it."""

    @property
    def name(self) -> str:
        return f"{self.centre}-{self.stage}"


def organisations() -> list[Organisation]:
    def row(ident: str, parent: str, kind: str) -> Organisation:
        return Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)

    rows = [row("city", "", "city"), row(_OUTSIDE, "", "police")]
    rows += [row(f"hospital:{h}", "city", "hospital") for h in HOSPITALS]
    for centre in CENTRES:
        rows.append(row(centre, "city", "centre"))
        rows.append(row(f"station:s-{centre}", centre, "station"))
        rows += [row(f"unit:{centre}-{s}", f"station:s-{centre}", "unit") for s in STAGES]
    return rows


async def play(world: LabWorld) -> list[Case]:
    """Every stage of a case in both centres; time passes until the re-routed grants have ended."""
    for hospital in HOSPITALS:
        for step in cases.list_hospital(hospital):
            await world.accept(step)
    for centre in CENTRES:
        await world.accept(cases.close_road(f"r-{centre}", org=centre))
    played = [await _case(world, centre, stage) for centre in CENTRES for stage in STAGES]
    world.clock.at_ms += 60_000  # type: ignore[attr-defined] # a LabClock
    return played


async def _case(world: LabWorld, centre: str, stage: str) -> Case:
    unit_id = f"{centre}-{stage}"
    for step in cases.list_unit(unit_id):
        await world.accept(step)
    kinds = ("call", "incident", "mission", "patient", "handover")
    ids = {kind: world.new_id() for kind in kinds}
    tag = f"{centre}-{stage}-{world.dice.randrange(10**9):09d}"
    for command in _commands(stage, unit_id, ids, tag):
        step = Step(after_ms=0, command=command, role="dispatcher", org=centre, seat=f"{centre}-1")
        await world.accept(step)
    case = tuple(f"{kind}:{ids[kind]}" for kind in kinds)
    words: dict[str, tuple[str, ...]] = {
        f"number-{tag}": (case[0],),
        f"place-{tag}": (case[1],),
        f"name-{tag}": (case[3],),
        f"summary-{tag}": (case[4],),
    }
    return Case(centre=centre, stage=stage, unit_id=unit_id, ids=ids, words=words)


def _commands(stage: str, unit_id: str, ids: dict[str, str], tag: str) -> Iterator[c.Command]:
    call_id, incident_id, mission_id = ids["call"], ids["incident"], ids["mission"]
    yield c.Ring(call_id=call_id, number=Clear(text=f"number-{tag}"), line="120")
    yield c.Answer(call_id=call_id)
    yield c.OpenIncident(incident_id=incident_id, call_id=call_id)
    yield c.SetLocation(
        incident_id=incident_id,
        location=Clear(text=f'{{"label":"place-{tag}","lat":31.2,"lon":121.4}}'),
        source=LocationSource.TYPED,
        accuracy_m=15,
    )
    yield c.AnswerQuestion(
        incident_id=incident_id, card="entry", question="breathing_normal", answer=True
    )
    if stage == "waiting":
        return
    yield c.Assign(mission_id=mission_id, incident_id=incident_id, unit_id=unit_id)
    yield c.Reach(mission_id=mission_id, milestone=Milestone.ON_SCENE, source=Source.DISPATCHER)
    if stage == "dispatched":
        return
    yield c.RegisterPatient(
        patient_id=ids["patient"], mission_id=mission_id, name=Clear(text=f"name-{tag}")
    )
    yield c.PreAlert(
        handover_id=ids["handover"],
        mission_id=mission_id,
        patient_id=ids["patient"],
        hospital_id=HOSPITALS[0],
        tier=Tier.ALERT,
        summary=Clear(text=f"summary-{tag}"),
    )
    if stage == "rerouted":
        yield c.WithdrawPreAlert(handover_id=ids["handover"], reason="re-routed")


def people() -> Iterator[Person]:
    """One person for every role, tenant and state of a session."""
    for role in Role:
        for tenant in TENANTS:
            for state in STATES:
                kind, _, ident = tenant.partition(":")
                yield Person(
                    id=f"{role}|{tenant}|{state}",
                    username=f"{role}|{tenant}|{state}",
                    name=role,
                    role=role,
                    org=tenant,
                    seat="",
                    unit_id=ident if kind == "unit" else "",
                    hospital_id=ident if kind == "hospital" else "",
                    password_hash="",
                    totp_secret="",
                    active=True,
                    demo=False,
                )


async def settle(accounts: PostgresAccounts, now_ms: int) -> list[Person]:
    for organisation in organisations():
        await accounts.put_organisation(organisation)
    settled = list(people())
    for person in settled:
        await accounts.put_person(person, now_ms)
    return settled


class Rights:
    """Who may read which stream, from the owners and grants that the journal now holds."""

    def __init__(
        self, owners: dict[str, str], grants: Iterable[tuple[str, str, int | None]], now_ms: int
    ) -> None:
        self.streams = tuple(owners)
        self._owners = owners
        self._tree = Organisations(organisations())
        self._granted = {
            (org, stream) for org, stream, until in grants if until is None or until > now_ms
        }

    def exists(self, stream: str) -> bool:
        return stream in self._owners

    def readable(self, role: Role, org: str) -> frozenset[str]:
        own = set(self._tree.subtree(org))
        return frozenset(
            stream
            for stream, owner in self._owners.items()
            if kind_of(stream) in TOPICS[role]
            and (
                owner in own
                or any((granted, stream) in self._granted for granted in own)
                or (kind_of(stream) in ("hospital", "road") and role in ON_THE_ROAD)
            )
        )


async def rights(database: Database, now_ms: int) -> Rights:
    async with database.system() as connection:
        cursor = await connection.execute("select stream, owner from stream_head")
        owners = {str(stream): str(owner) for stream, owner in await cursor.fetchall()}
        cursor = await connection.execute("select org, stream, until_ms from access_grant")
        grants = [(str(org), str(stream), until) for org, stream, until in await cursor.fetchall()]
    return Rights(owners, grants, now_ms)
