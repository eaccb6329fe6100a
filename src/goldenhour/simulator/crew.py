"""A DOUBLE of ambulance crews, for vehicles that no person has taken: off unless it is given units.

Rule 1: a crew does what a person at the vehicle's tablet can do, at a person's pace (`CrewHabits`).
Rule 2: `AGENDA` says what comes next; a deed is done once and never repeated, even if undone.
Rule 3: as soon as anything has happened on a run that this double did not do itself, a person is
there: the run is theirs for good. It compares deeds and not names, since a visitor may use the
same demo account; a run that it finds half done after a restart is therefore left alone as well.
Rule 4: it registers the patient as the caller told of them, invents an age or a sex that nobody
told, and makes no clinical finding; what its screen tells it,
that a run was called off or a patient got worse, it says that it has read.
Rule 5: everything drawn comes from the given `rng`; each crew has a stream of its own.
"""

import asyncio
from collections.abc import Set as AbstractSet
from pathlib import Path
from random import Random  # noqa: TID251 (a simulator makes generators from the one it is given)
from typing import Final

import structlog

from goldenhour.app.ports import Clock
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import Sex
from goldenhour.domain.dispatch.events import Confidence, Milestone, Source
from goldenhour.domain.dispatch.mission import State
from goldenhour.domain.handover import prealert
from goldenhour.domain.handover.events import Tier
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.simulator.api import ApiClient, ApiError, CrewAccount, Live
from goldenhour.simulator.deeds import CrewDeed
from goldenhour.simulator.demand import CrewHabits
from goldenhour.simulator.drivers import find_run
from goldenhour.simulator.mind import Office, RankedHospital, act
from goldenhour.views.rows import HandoverRow, HospitalRow, IncidentRow, MissionRow, PatientRow

_log = structlog.get_logger(__name__)

AT_THE_DOOR_M: Final = 60
IN_SIGHT_M: Final = 500
"""A vehicle that has stopped so near is as near as the road goes."""
STANDING_KMH: Final = 1
URGENT: Final = (DispatchLevel.R0, DispatchLevel.R1)
_OPEN: Final = (prealert.State.SENT, prealert.State.ACKNOWLEDGED)
_CREW: Final = "crew"

AGENDA: Final[dict[str, tuple[CrewDeed, ...]]] = {
    State.ASSIGNED: (CrewDeed.ACKNOWLEDGE,),
    State.ACKNOWLEDGED: (CrewDeed.DEPART,),
    State.EN_ROUTE: (CrewDeed.ARRIVE,),
    State.ON_SCENE: (CrewDeed.MEET,),
    State.AT_PATIENT: (CrewDeed.REGISTER, CrewDeed.LOAD),
    State.LOADED: (CrewDeed.CHOOSE, CrewDeed.PREALERT, CrewDeed.LEAVE),
    # A hospital may decline while the patient is on the way.
    State.TO_HOSPITAL: (CrewDeed.CHOOSE, CrewDeed.PREALERT, CrewDeed.REACH_HOSPITAL),
    State.AT_HOSPITAL: (CrewDeed.SIGN, CrewDeed.HAND_OVER),
    State.HANDED_OVER: (CrewDeed.CLEAR,),
}
NOTICES: Final = (CrewDeed.READ, CrewDeed.SEE)
"""What sounds until somebody says that it was read comes before the agenda."""


class CrewsConfig(Record):
    crews: tuple[CrewAccount, ...]
    habits: CrewHabits
    ca_file: Path | None
    time_factor: float = 1.0
    """How many times faster than people they are."""


class Next(Record):
    """A deed that is due, with all that tells it from an earlier one of its kind."""

    mission_id: str
    deed: CrewDeed
    about: str
    """The hospital, or the hand-over; empty where a run has only one such deed."""
    wait_s: tuple[float, float]

    @property
    def key(self) -> str:
        return f"{self.mission_id}/{self.deed}/{self.about}"


def find_next(live: Live, unit_id: str, done: AbstractSet[str], habits: CrewHabits) -> Next | None:
    """What to do next on the unit's run, or None: nothing is due, or it was done already.

    `done` holds keys of `Next` and ids of patients and hand-overs that this double made.
    """
    notice = _find_notice(live, unit_id, habits)
    if notice and notice.key not in done:
        return notice
    run = find_run(live, unit_id)
    if run is None:
        return None
    for deed in AGENDA.get(run.state, ()):
        found = _if_due(live, run, deed, habits)
        if found:
            return None if found.key in done else found
    return None


def _find_notice(live: Live, unit_id: str, habits: CrewHabits) -> Next | None:
    own = [row for row in live.list_rows(MissionRow) if row.unit_id == unit_id]
    for run in own:
        told = run.state == State.STOOD_DOWN and run.assigned_ms is not None
        if told and run.stand_down_seen_ms is None:
            wait_s = habits.pace_s[CrewDeed.READ]
            return Next(mission_id=run.id, deed=CrewDeed.READ, about="", wait_s=wait_s)
    for run in (run for run in own if run.active):
        for person in _list_patients(live, run):
            if person.worse:
                about = f"{person.id}:{person.worse[-1].at_ms}"
                wait_s = habits.pace_s[CrewDeed.SEE]
                return Next(mission_id=run.id, deed=CrewDeed.SEE, about=about, wait_s=wait_s)
    return None


def _if_due(live: Live, run: MissionRow, deed: CrewDeed, habits: CrewHabits) -> Next | None:
    about, wait_s, due = "", habits.pace_s[deed], True
    handover = _find_open_handover(live, run)
    match deed:
        case CrewDeed.ARRIVE:
            due = _is_at(live, run, Milestone.ON_SCENE, _scene(live, run))
        case CrewDeed.REGISTER:
            due = not _list_patients(live, run)
        case CrewDeed.CHOOSE:
            declined = list_declined(live, run)
            due = not run.destination_id or run.destination_id in declined
            about = str(len(declined))
        case CrewDeed.PREALERT:
            due = handover is None and bool(_list_patients(live, run))
            about = run.destination_id
        case CrewDeed.REACH_HOSPITAL:
            hospital = live.find_row(HospitalRow, run.destination_id)
            target = hospital.point if hospital else None
            due = _is_at(live, run, Milestone.AT_HOSPITAL, target)
        case CrewDeed.SIGN:
            due = handover is not None and _CREW not in handover.signatures
            about = handover.id if handover else ""
        case CrewDeed.HAND_OVER:
            wait_s = habits.unsigned_s if handover else wait_s
        case _:
            pass
    return Next(mission_id=run.id, deed=deed, about=about, wait_s=wait_s) if due else None


def _scene(live: Live, run: MissionRow) -> Point | None:
    incident = live.find_row(IncidentRow, run.incident_id)
    if incident is None or incident.location is None:
        return None
    return Point(lat=incident.location.lat, lon=incident.location.lon)


def _is_at(live: Live, run: MissionRow, milestone: Milestone, target: Point | None) -> bool:
    """By the terminal's word, or by the platform's own sure proposal; else it is not there."""
    unsure = {p.milestone for p in run.proposals if p.confidence is Confidence.LOW}
    if milestone in run.proposed and milestone not in unsure:
        return True
    fix = live.fixes.get(run.unit_id)
    if target is None or fix is None or fix.point is None:
        return False
    away_m = distance_m(fix.point, target)
    return away_m <= AT_THE_DOOR_M or (away_m <= IN_SIGHT_M and fix.speed_kmh < STANDING_KMH)


def _list_patients(live: Live, run: MissionRow) -> list[PatientRow]:
    return [row for row in live.list_rows(PatientRow) if row.mission_id == run.id]


def _list_handovers(live: Live, run: MissionRow) -> list[HandoverRow]:
    return [row for row in live.list_rows(HandoverRow) if row.mission_id == run.id]


def _find_open_handover(live: Live, run: MissionRow) -> HandoverRow | None:
    found = (row for row in _list_handovers(live, run) if row.hospital_id == run.destination_id)
    return next((row for row in found if row.state in _OPEN), None)


def list_declined(live: Live, run: MissionRow) -> list[str]:
    """Hospitals that have said no to this run."""
    rows = _list_handovers(live, run)
    return [row.hospital_id for row in rows if row.state == prealert.State.DECLINED]


def told_of(incident: IncidentRow | None) -> tuple[int | None, Sex | None]:
    """The patient's age and sex by what the caller answered; None: not told."""
    cards = incident.answers.values() if incident else ()
    told = {question: said for card in cards for question, said in card.items()}
    age_y, sex = told.get("age_y"), told.get("sex")
    return (
        age_y if isinstance(age_y, int) else None,
        Sex(str(sex)) if sex in {Sex.FEMALE, Sex.MALE} else None,
    )


def is_touched(live: Live, run: MissionRow, done: AbstractSet[str]) -> bool:
    """Whether anything on this run was done by somebody else than this double."""

    def own(deed: CrewDeed, about: str = "") -> bool:
        return f"{run.id}/{deed}/{about}" in done

    return (
        any(node.original_ms is not None or not own(CrewDeed(node.milestone)) for node in run.nodes)
        or bool(run.destination_id and f"{run.id}/{run.destination_id}" not in done)
        or any(
            row.id not in done or row.name or row.level or row.consciousness
            for row in _list_patients(live, run)
        )
        or any(
            row.id not in done
            or row.state == prealert.State.WITHDRAWN
            or (_CREW in row.signatures and not own(CrewDeed.SIGN, row.id))
            for row in _list_handovers(live, run)
        )
    )


async def run_crews(config: CrewsConfig, *, clock: Clock, entropy: Entropy, rng: Random) -> None:
    """Runs until cancelled; returns at once when no unit is given."""
    if not config.crews:
        return
    _log.warning(
        "simulator.crew_double",
        meaning="THESE CREWS ARE A DOUBLE: no person presses their milestones",
        units=[crew.unit_id for crew in config.crews],
    )
    async with asyncio.TaskGroup() as group:
        for account in config.crews:
            own = Random(rng.getrandbits(64))  # noqa: S311 (a simulation, no secret)
            group.create_task(_live_as(account, config, clock, entropy, own))


async def _live_as(
    account: CrewAccount, config: CrewsConfig, clock: Clock, entropy: Entropy, rng: Random
) -> None:
    client = ApiClient(account.base_url, ca_file=config.ca_file, entropy=entropy, clock=clock)
    async with client:
        session = await client.login(account.username, account.password)
        mind = CrewMind(account.unit_id, session.name, config.habits, rng)
        await act(mind, client, "crew", clock=clock, rng=rng, time_factor=config.time_factor)


class CrewMind:
    """The crew of one unit."""

    def __init__(self, unit_id: str, name: str, habits: CrewHabits, rng: Random) -> None:
        self._unit_id = unit_id
        self._name = name
        self._habits = habits
        self._rng = rng
        self._done: set[str] = set()
        self._left: set[str] = set()
        """Runs that belong to a person."""
        self._eta_s: int | None = None
        self._log = _log.bind(unit_id=unit_id)

    def find_next(self, live: Live, now_ms: int) -> Next | None:
        del now_ms
        run = find_run(live, self._unit_id)
        if run is None or run.id in self._left:
            return None
        if is_touched(live, run, self._done):
            self._leave(run.id, "touched")
            return None
        return find_next(live, self._unit_id, self._done, self._habits)

    async def do(self, due: Next, live: Live, office: Office) -> None:
        """Whatever goes wrong with a run leaves it to a person, and the crew to its next run."""
        run = live.find_row(MissionRow, due.mission_id)
        if run is None:
            return
        self._done.add(due.key)
        try:
            command = await self._command(due, run, live, office)
            answer = await office.send(command) if command else None
        except ApiError as error:
            self._log.warning("simulator.crew_failed", deed=due.deed, reason=str(error))
            self._leave(run.id, error.code)
            return
        if answer is None:
            self._leave(run.id, "no_hospital")
        elif isinstance(answer, Refused):
            self._leave(run.id, answer.code)  # somebody was faster, or knows better

    def _leave(self, mission_id: str, reason: str) -> None:
        self._left.add(mission_id)
        self._log.info("simulator.crew_leaves", mission_id=mission_id, reason=reason)

    async def _command(
        self, due: Next, run: MissionRow, live: Live, office: Office
    ) -> c.Command | None:
        match due.deed:
            case CrewDeed.REGISTER:
                age_y = self._rng.randint(*self._habits.ages_y)
                sex = self._rng.choice((Sex.FEMALE, Sex.MALE))
                told_age_y, told_sex = told_of(live.find_row(IncidentRow, run.incident_id))
                return c.RegisterPatient(
                    patient_id=self._new_own_id(office),
                    mission_id=run.id,
                    age_y=age_y if told_age_y is None else told_age_y,
                    sex=told_sex or sex,
                )
            case CrewDeed.CHOOSE:
                hospital_id = await self._choose(run, live, office)
                if hospital_id is None:
                    return None
                self._done.add(f"{run.id}/{hospital_id}")
                return c.SetDestination(mission_id=run.id, hospital_id=hospital_id)
            case CrewDeed.PREALERT:
                return c.PreAlert(
                    handover_id=self._new_own_id(office),
                    mission_id=run.id,
                    patient_id=_list_patients(live, run)[0].id,
                    hospital_id=due.about,
                    tier=Tier.ALERT if run.level in URGENT else Tier.NOTICE,
                    eta_s=self._eta_s,
                )
            case CrewDeed.READ:
                return c.SeeStandDown(mission_id=run.id)
            case CrewDeed.SEE:
                patient_id, _, through_ms = due.about.rpartition(":")
                return c.SeeWorsening(patient_id=patient_id, through_ms=int(through_ms))
            case CrewDeed.SIGN:
                return c.Sign(handover_id=due.about, side=_CREW, name=self._name)
            case _:
                return c.Reach(mission_id=run.id, milestone=Milestone(due.deed), source=Source.CREW)

    def _new_own_id(self, office: Office) -> str:
        ident = office.new_id()
        self._done.add(ident)
        return ident

    async def _choose(self, run: MissionRow, live: Live, office: Office) -> str | None:
        """The best hospital by the platform's ranking, or else the nearest one."""
        declined = list_declined(live, run)
        ranked = await office.rank_hospitals(run.id) or _list_nearest(live, run)
        left = [one for one in ranked if one.hospital_id not in declined]
        best = next((one for one in left if not one.diverting), left[0] if left else None)
        if best is None:
            return None
        self._eta_s = best.eta_s
        return best.hospital_id


def _list_nearest(live: Live, run: MissionRow) -> list[RankedHospital]:
    scene = _scene(live, run)
    rows = live.list_rows(HospitalRow)
    if scene:
        rows.sort(key=lambda row: distance_m(row.point, scene))
    return [RankedHospital(hospital_id=row.id, eta_s=None, diverting=row.diverting) for row in rows]
