"""Borrowing between nodes: the ask as it is carried, and how a unit's home answers it (ADR 0026).

Rule 1: the home answers at once, by content; no person is waited for.
Rule 2: the copy of the case and the run are one transaction: a case of which nothing came is not
        kept.
Rule 3: the same ask again has the same answer. One that comes after its time is refused.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from goldenhour.app.copies import (
    Between,
    Copied,
    Copier,
    CopyRefusedError,
    CopyStore,
    Kept,
    check,
    loaded_with,
    named_by,
    told_to,
)
from goldenhour.app.handle import World, fold, handle
from goldenhour.app.journal import SYSTEM, Append, Identity, Journal, Loaded
from goldenhour.app.ports import Clock
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.lend import Lending, refuse_lend
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.intake.events import AskOutcome
from goldenhour.domain.intake.incident import Incident
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Stamp, system_stamp
from goldenhour.views.fold import Folded
from goldenhour.views.rows import UnitRow


class Ask(Record):
    """For a unit; or, with a reason to recall it, that its run be called off."""

    incident_id: str
    mission_id: str
    unit_id: str
    due_in_ms: int
    """What was left of its time when it was sent: two clocks need not agree."""
    asked_ms: int
    """When it was sent, by the clock of the asking node."""
    copied: Copied
    """The case."""
    recall: str = ""


class AskAnswer(Record):
    code: str
    """Of the refusal; empty: it is done."""
    detail: str
    copied: Copied
    """The run."""


NO_COPIES = Copied(events=(), personal=())
CARRIED: Final = ("call", "incident")
"""What the home needs of a case to decide; the rest comes with its feed."""
NowOf = Callable[[str], int]
Post = Callable[[str, Ask], Awaitable[AskAnswer | None]]
"""To the node of this name; None: not reached."""


class _WithCopies:
    """The journal with copies that are kept when something is appended, and not before."""

    def __init__(self, journal: Journal, store: CopyStore, kept: Kept) -> None:
        self._journal = journal
        self._store = store
        self._kept = kept
        self.find_replay = journal.find_replay
        self.next_case_number = journal.next_case_number

    async def load(self, streams: Sequence[str], identity: Identity) -> dict[str, Loaded]:
        found = await self._journal.load(streams, identity)
        with_copies = loaded_with(found, self._kept)
        return {stream: with_copies[stream] for stream in streams if stream in with_copies}

    async def append(self, append: Append, identity: Identity) -> None:  # noqa: ARG002 (the port's form; only the system lends)
        await self._store.append_with(self._kept, append)


class _LendWorld(Record):
    journal: Journal
    facts: case.Facts
    entropy: Entropy


class Lender:
    """The home's side."""

    def __init__(
        self, world: World, store: CopyStore, clock: Clock, rules: Lending, now_of: NowOf
    ) -> None:
        """`now_of`: what time it is at another node."""
        self._world = world
        self._store = store
        self._clock = clock
        self._rules = rules
        self._now_of = now_of

    async def answer(self, node: str, org: str, ask: Ask, board: Folded) -> AskAnswer:
        """`board`: what the other node may see of this one's units."""
        run = await self._find_run(ask.mission_id)
        if run is not None and run.lent_to != node:
            return refusal(Refused(code="exists", field="mission_id"))
        if ask.recall:
            refused = await self._recall(node, org, ask, run)
        elif run is None:
            refused = await self._lend(node, org, ask, board)
        else:
            refused = None
        if refused is not None:
            return refusal(refused)
        stream = case.stream_id("mission", ask.mission_id)
        return AskAnswer(
            code="", detail="", copied=await self._store.read({stream: 0}, told_to(node))
        )

    async def _find_run(self, mission_id: str) -> Mission | None:
        stream = case.stream_id("mission", mission_id)
        found = (await self._world.journal.load([stream], SYSTEM)).get(stream)
        run = fold(stream, found.events) if found else None
        return run if isinstance(run, Mission) else None

    async def _lend(self, node: str, org: str, ask: Ask, board: Folded) -> Refused | None:
        # It may have lain on its way: the time that it has left is counted from when it was sent.
        if self._now_of(node) - ask.asked_ms >= ask.due_in_ms:
            return Refused(code="ask_too_late")
        loaded = await self._world.journal.load(sorted(named_by(ask.copied)), SYSTEM)
        try:
            between = Between(node=node, org=org, own=self._world.facts.node)
            kept = check(between, ask.copied, loaded, self._clock.now_ms())
        except CopyRefusedError as error:
            streams = {event.stream: event.version for event in ask.copied.events}
            for told, version in streams.items():
                now_ms = self._clock.now_ms()
                await self._store.refuse(node, told, version, error.reason, now_ms)
            return Refused(code="copy_refused", detail=str(error))
        stream = case.stream_id("incident", ask.incident_id)
        shown = loaded_with(loaded, kept).get(stream)
        found = fold(stream, shown.events) if shown and shown.head.node == node else None
        if not isinstance(found, Incident):
            return Refused(code="absent", field="incident_id")
        if refused := refuse_lend(self._rules, found.level, _others_ready(board, ask.unit_id)):
            return refused
        command = c.Lend(
            mission_id=ask.mission_id,
            incident_id=ask.incident_id,
            unit_id=ask.unit_id,
            node=node,
        )
        world = _LendWorld(
            journal=_WithCopies(self._world.journal, self._store, kept),
            facts=self._world.facts,
            entropy=self._world.entropy,
        )
        outcome = await handle(command, self._stamp(org, f"lend:{ask.mission_id}"), SYSTEM, world)
        return outcome if isinstance(outcome, Refused) else None

    async def _recall(self, node: str, org: str, ask: Ask, run: Mission | None) -> Refused | None:
        if run is None or not run.active:
            return None  # nothing came of it, or it is over
        command = c.StandDown(mission_id=ask.mission_id, reason="cancelled")
        # Asked again after a refusal it is another deed.
        stamp = self._stamp(org, f"recall:{node}:{ask.mission_id}:{ask.asked_ms}")
        outcome = await handle(command, stamp, SYSTEM, self._world)
        return outcome if isinstance(outcome, Refused) else None

    def _stamp(self, org: str, installation: str) -> Stamp:
        return system_stamp(installation, 1, self._clock.now_ms(), org=org)


def refusal(refused: Refused) -> AskAnswer:
    return AskAnswer(code=refused.code, detail=refused.detail, copied=NO_COPIES)


def _others_ready(board: Folded, unit_id: str) -> int:
    rows = (row for row in board.rows.values() if isinstance(row, UnitRow))
    return sum(row.state == "ready" and not row.away and row.id != unit_id for row in rows)


async def carry(
    order: Mapping[str, str],
    *,
    world: World,
    store: CopyStore,
    streams: Sequence[str],
    copier: Copier,
    post: Post,
    now_ms: int,
    org: str,
) -> str:
    """Bring one ask, or its recall, to the unit's home: what came of it; empty: try again.

    `streams`: those of the case. `org`: whom copies of that node are shown to.
    """
    incident_id, mission_id, node = order["incident_id"], order["mission_id"], order["node"]
    stream = case.stream_id("incident", incident_id)
    found = (await world.journal.load([stream], SYSTEM))[stream]
    incident = fold(stream, found.events)
    asked = incident.find_ask(mission_id) if isinstance(incident, Incident) else None
    recall = order.get("recall", "")
    if asked is None or not (asked.waits or recall):
        return "superseded"
    if recall and asked.outcome is not AskOutcome.WITHDRAWN:
        return "superseded"
    own = {one: 0 for one in streams if one.partition(":")[0] in CARRIED}
    answer = await post(
        node,
        Ask(
            incident_id=incident_id,
            mission_id=mission_id,
            unit_id=asked.unit_id,
            due_in_ms=asked.due_ms - now_ms,
            asked_ms=now_ms,
            copied=NO_COPIES if recall else await store.read(own, SYSTEM),
            recall=recall,
        ),
    )
    if answer is None:
        return ""
    if not answer.code:
        await copier.take(node, org, answer.copied)
        return "recalled" if recall else "lent"
    command = c.AnswerAsk(
        incident_id=incident_id, mission_id=mission_id, code=answer.code, detail=answer.detail
    )
    stamp = system_stamp(f"asked:{mission_id}:{recall and now_ms}", 1, now_ms)
    await handle(command, stamp, SYSTEM, world)
    return answer.code
