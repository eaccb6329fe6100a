"""A simulated dispatcher: answers what nobody has answered, asks, sends, and closes.

Rule 1: it works like the people beside it: alerts first, then the call in hand, then its cases that
        still wait for a unit, then the queue, then what it has tried to send for before.
Rule 2: it takes a call only after `courtesy_s`, so that a person at another seat can be first, and
        keeps away from a case as soon as another seat has done anything on it.
Rule 3: what the caller says comes from the simulation's truth; a call without one (typed in by a
        person) is left to people.
Rule 4: after a restart it takes up its own cases again, and the call it had in hand, without what
        their callers would have said: it goes by the operator's place, asks on without an answer,
        and sends a unit. A call without any place is ended.
"""

from collections.abc import Mapping
from random import Random  # noqa: TID251 (a simulator is given its generator)
from typing import Final

import msgspec

from goldenhour.domain import commands as c
from goldenhour.domain.attention import alert
from goldenhour.domain.dispatch.events import Proposal
from goldenhour.domain.intake import call
from goldenhour.domain.intake.events import CallJoined, Disposition, LocationSource
from goldenhour.domain.triage.protocol import Protocol, Question
from goldenhour.kernel.condition import UNKNOWN
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.record import Record
from goldenhour.simulator.api import ApiError, Live
from goldenhour.simulator.caller import LINE, RADII_M
from goldenhour.simulator.deeds import SeatDeed
from goldenhour.simulator.demand import Emergency, Habits, answer
from goldenhour.simulator.mind import Next, Office
from goldenhour.views.rows import AlertRow, CallRow, IncidentRow, LogRow, MissionRow

DESK_ROLES: Final = ("dispatcher", "supervisor")
DONE_REASON: Final = "已送达"
JOINED: Final = str(CallJoined.__struct_config__.tag)


class SeatConfig(Record):
    seat: str
    courtesy_s: float
    """How long a call rings before this seat may take it."""
    seed: int
    """Of the demand: what callers say."""


class SeatMind:
    def __init__(
        self,
        config: SeatConfig,
        truths: Mapping[str, Emergency],
        protocol: Protocol,
        habits: Habits,
        rng: Random,
    ) -> None:
        """`truths`: call id -> what is behind it; whoever rings the calls fills it."""
        self._config = config
        self._truths = truths
        self._protocol = protocol
        self._answers = habits.answers
        self._habits = habits.seat
        self._rng = rng
        self._call_id = ""
        self._cases: dict[str, str] = {}
        """Incidents that this seat opened and that are not closed -> the call that opened them."""
        self._left: set[str] = set()
        """Incidents that belong to somebody else now, or that are over."""
        self._done: set[str] = set()
        self._tries: dict[str, int] = {}
        self._touched: set[str] = set()
        """Incidents on which another seat has done something."""
        self._last_line = ""

    def find_next(self, live: Live, now_ms: int) -> Next[SeatDeed] | None:
        self._watch(live)
        return (
            self._alert(live)
            or self._call_in_hand(live)
            or self._waiting_case(live, again=False)
            or self._queue(live, now_ms)
            or self._waiting_case(live, again=True)
        )

    # ---- what is due

    def _next(self, deed: SeatDeed, about: str) -> Next[SeatDeed] | None:
        found = Next(deed=deed, about=about, wait_s=self._habits.pace_s[deed])
        return None if found.key in self._done else found

    def _alert(self, live: Live) -> Next[SeatDeed] | None:
        for row in live.list_rows(AlertRow):
            mine = row.owner == self._config.seat or (
                row.owner == "all" and row.incident_id in self._cases
            )
            if mine and row.state == alert.State.OPEN:
                # Escalated and open again is another thing to do.
                found = self._next(SeatDeed.ACKNOWLEDGE_ALERT, f"{row.id} {row.owner}")
                if found:
                    return found
        return None

    def _call_in_hand(self, live: Live) -> Next[SeatDeed] | None:
        row = live.find_row(CallRow, self._call_id)
        if row is None or row.state == call.State.ENDED or row.owner not in ("", self._config.seat):
            self._call_id = ""
            row = self._own_call(live)
        if row is None or not row.owner:
            return None  # nothing in hand, or the view has yet to show that it is
        self._call_id = row.id
        truth = self._truths.get(row.id)
        if truth is None:
            # In hand before this seat was restarted.
            incident = live.find_row(IncidentRow, row.incident_id)
            others = self._left | self._touched
            gone = incident and (incident.state != "open" or incident.id in others)
            if gone or not (row.location or (incident and incident.location)):
                known = Disposition.INCIDENT if row.incident_id else Disposition.NO_CONTACT
                return self._next(SeatDeed.END, f"{row.id} {known}")
            if row.incident_id:
                self._cases[row.incident_id] = row.id
        elif truth.disposition is not Disposition.INCIDENT:
            return self._next(SeatDeed.END, f"{row.id} {truth.disposition}")
        if not row.incident_id:
            first = self._find_first(live, truth) if truth else ""
            if first:
                return self._next(SeatDeed.JOIN, f"{row.id} {first}")
            return self._next(SeatDeed.OPEN, row.id)
        if row.incident_id not in self._cases:
            return self._next(SeatDeed.END, f"{row.id} {Disposition.DUPLICATE}")
        incident = live.find_row(IncidentRow, row.incident_id)
        if incident is None:
            return None
        if incident.id in self._touched:
            self._leave(incident.id)
            return None
        return self._question(incident) or self._next(
            SeatDeed.END, f"{row.id} {Disposition.INCIDENT}"
        )

    def _own_call(self, live: Live) -> CallRow | None:
        for row in live.list_rows(CallRow):
            own = row.line == LINE and row.owner == self._config.seat
            if own and row.state == call.State.ANSWERED:
                return row
        return None

    def _question(self, incident: IncidentRow) -> Next[SeatDeed] | None:
        if incident.location is None:
            return self._next(SeatDeed.LOCATE, incident.id)
        if not incident.topic:
            return self._next(SeatDeed.COMPLAINT, incident.id)
        asked = sum(len(card) for card in incident.answers.values())
        if self._wants_unit(incident, asked):
            found = self._next(SeatDeed.SEND, incident.id)
            if found:
                return found
        if asked < self._habits.most_questions:
            for question in incident.next_questions:
                found = self._next(SeatDeed.ASK, f"{incident.id} {question}")
                if found:
                    return found
        return None

    def _waiting_case(self, live: Live, *, again: bool) -> Next[SeatDeed] | None:
        """`again`: what could not be sent before, which must not keep it from who is calling."""
        for row in live.list_rows(IncidentRow):
            if row.seat == self._config.seat and row.state == "open" and row.id not in self._left:
                self._cases.setdefault(row.id, "")
        for incident_id in list(self._cases):
            incident = live.find_row(IncidentRow, incident_id)
            if incident is None:
                continue  # opened a moment ago: the view has yet to show it
            if incident.state != "open" or incident_id in self._touched:
                self._leave(incident_id)
                continue
            runs = [m for m in live.list_rows(MissionRow) if m.incident_id == incident_id]
            if self._wants_unit(incident, self._habits.asks_without_level):
                tried = self._tries.get(incident_id, 0)
                if tried and not again:
                    continue
                return self._next(SeatDeed.SEND_WAITING, f"{incident_id} {tried}")
            if runs and not any(run.active for run in runs):
                found = self._next(SeatDeed.CLOSE, incident_id)
                if found:
                    return found
        return None

    def _queue(self, live: Live, now_ms: int) -> Next[SeatDeed] | None:
        courtesy_ms = self._config.courtesy_s * 1000
        calls = [row for row in live.list_rows(CallRow) if row.line == LINE]
        for row in sorted(calls, key=lambda row: row.rang_ms):
            if now_ms - row.rang_ms < courtesy_ms:
                continue
            if row.state == call.State.RINGING and row.id in self._truths:
                found = self._next(SeatDeed.ANSWER, row.id)
                if found:
                    return found
            if row.state == call.State.ABANDONED:
                found = self._next(SeatDeed.RING_BACK, f"{row.id} {row.ring_backs}")
                if found:
                    return found
        return None

    def _wants_unit(self, incident: IncidentRow, asked: int) -> bool:
        known = bool(incident.level) or asked >= self._habits.asks_without_level
        return incident.dispatchable and known and not incident.missions

    def _find_first(self, live: Live, truth: Emergency) -> str:
        """The open incident of an earlier call about the same emergency."""
        for row in live.list_rows(CallRow):
            other = self._truths.get(row.id)
            if other and row.incident_id and other.number == truth.second_of:
                return row.incident_id
        return ""

    def _watch(self, live: Live) -> None:
        """Read the lines of the log that came since the last look, newest first."""
        newest = ""
        for line in reversed(live.list_rows(LogRow)):
            newest = newest or line.id
            if line.id == self._last_line:
                break
            # A second caller's call may be joined to this case by whoever took it.
            about_case = line.stream.startswith(("incident:", "mission:")) and line.kind != JOINED
            if about_case and line.role in DESK_ROLES and line.seat != self._config.seat:
                self._touched.add(line.incident_id)
        self._last_line = newest or self._last_line

    def _leave(self, incident_id: str) -> None:
        self._left.add(incident_id)
        call_id = self._cases.pop(incident_id, "")
        if call_id and call_id == self._call_id:
            self._call_id = ""

    # ---- doing it

    async def do(self, due: Next[SeatDeed], live: Live, office: Office) -> None:
        self._done.add(due.key)
        try:
            await self._do(due, live, office)
        except ApiError:
            self._call_id = ""  # somebody who can see what is wrong has to go on

    async def _do(self, due: Next[SeatDeed], live: Live, office: Office) -> None:
        ident, _, rest = due.about.partition(" ")
        match due.deed:
            case SeatDeed.ACKNOWLEDGE_ALERT:
                await office.send(c.AcknowledgeAlert(alert_id=ident))
            case SeatDeed.ANSWER:
                if not isinstance(await office.send(c.Answer(call_id=ident)), Refused):
                    self._call_id = ident
            case SeatDeed.RING_BACK:
                await self._ring_back(ident, int(rest), office)
            case SeatDeed.OPEN:
                incident_id = office.new_id()
                self._cases[incident_id] = ident
                opened = await office.send(c.OpenIncident(incident_id=incident_id, call_id=ident))
                if isinstance(opened, Refused):
                    self._leave(incident_id)
                    self._call_id = ""
            case SeatDeed.JOIN:
                await office.send(c.JoinCall(incident_id=rest, call_id=ident))
            case SeatDeed.END:
                await office.send(c.EndCall(call_id=ident, disposition=Disposition(rest)))
                self._call_id = ""
            case SeatDeed.CLOSE:
                await office.send(c.CloseIncident(incident_id=ident, reason=DONE_REASON))
                self._leave(ident)
            case SeatDeed.SEND | SeatDeed.SEND_WAITING:
                self._tries[ident] = self._tries.get(ident, 0) + 1
                await self._send_units(ident, live, office)
            case _:
                command = self._ask(due, live)
                if command is not None:
                    await office.send(command)

    def _ask(self, due: Next[SeatDeed], live: Live) -> c.Command | None:
        incident_id, _, question_id = due.about.partition(" ")
        call_id = self._cases[incident_id]
        truth = self._truths.get(call_id)
        match due.deed:
            case SeatDeed.LOCATE:
                return self._locate(incident_id, truth, live.find_row(CallRow, call_id))
            case SeatDeed.COMPLAINT:
                topic = truth.complaint.topic if truth else self._unknown_topic()
                return c.SetComplaint(incident_id=incident_id, topic=topic)
            case _:
                incident = live.find_row(IncidentRow, incident_id)
                found = self._find_question(incident, question_id) if incident else None
                if found is None:
                    return None
                card, question = found
                said = (
                    answer(question, truth, self._answers, self._config.seed) if truth else UNKNOWN
                )
                return c.AnswerQuestion(
                    incident_id=incident_id, card=card, question=question_id, answer=said
                )

    def _locate(
        self, incident_id: str, truth: Emergency | None, row: CallRow | None
    ) -> c.Command | None:
        place = row.location if row else None
        source, accuracy_m = LocationSource.OPERATOR, max(RADII_M)
        if truth:
            # What the operator says is near; a person asks until the place is right.
            told = truth.caller.location
            place = msgspec.structs.replace(
                told,
                label=told.label.partition(" ±")[0],
                lat=truth.caller.place.lat,
                lon=truth.caller.place.lon,
            )
            source = LocationSource.ADDRESS_INDEX
            accuracy_m = self._rng.choice(self._habits.accuracies_m)
        if place is None:
            return None
        text = msgspec.json.encode(place).decode()
        return c.SetLocation(
            incident_id=incident_id, location=Clear(text=text), source=source, accuracy_m=accuracy_m
        )

    def _unknown_topic(self) -> str:
        """The topic of the card that serves when nothing is known."""
        topics = self._protocol.topics
        return next(topic.id for topic in topics.topics if topic.card == topics.fallback)

    def _find_question(
        self, incident: IncidentRow, question_id: str
    ) -> tuple[str, Question] | None:
        card = self._protocol.find_card(incident.topic)
        for sheet in (self._protocol.entry, *((card,) if card else ())):
            for question in sheet.questions:
                if question.id == question_id:
                    return sheet.about.id, question
        return None

    async def _ring_back(self, call_id: str, times: int, office: Office) -> None:
        truth = self._truths.get(call_id)
        reached = truth is not None and truth.reached
        rung = await office.send(c.RingBack(call_id=call_id, reached=reached))
        if isinstance(rung, Refused):
            return
        if reached:
            if not isinstance(await office.send(c.Answer(call_id=call_id)), Refused):
                self._call_id = call_id
        elif times >= 1:
            await office.send(c.EndCall(call_id=call_id, disposition=Disposition.NO_CONTACT))

    async def _send_units(self, incident_id: str, live: Live, office: Office) -> None:
        incident = live.find_row(IncidentRow, incident_id)
        answered = await office.recommend(incident_id)
        if incident is None or answered is None:
            return
        proposal = Proposal(
            ranked=answered.ranked,
            skipped=answered.skipped,
            metric_version=answered.metric_version,
            computed_ms=answered.computed_ms,
        )
        wanted = 2 if "two_crews" in incident.plan else 1
        for candidate in answered.ranked[:wanted]:
            await office.send(
                c.Assign(
                    mission_id=office.new_id(),
                    incident_id=incident_id,
                    unit_id=candidate.unit_id,
                    proposal=proposal,
                )
            )
