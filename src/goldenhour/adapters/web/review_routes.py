"""Looking back: cases, their timelines and replays, what every seat had seen, indicators, evidence.

Rule 1: everything is read under the asker's identity; another's case is as absent as none.
Rule 2: who read a case, and who took its evidence out, is on the access log before the answer.
Rule 3: long telemetry comes in pages (`app.ways`), thinned so that straight lines stay true.
Rule 4: a dispatcher sees of a patient afterwards what the seat saw at the time (`views.desk`); the
        record and the portrait are for those who judge.
Rule 5: a period is at most a month. It is read some hours or some cases at a time and folded beside
        the loop, on which every screen waits for its patches.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from io import BytesIO
from itertools import batched
from typing import Any, Final

from litestar import Response, get
from litestar.handlers import BaseRouteHandler
from msgspec.structs import replace

from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app import review
from goldenhour.app.access import Principal, Role
from goldenhour.app.clocks import clocks_of
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import Envelope
from goldenhour.app.ways import MOST_MATCHED, Page, holds, page_at
from goldenhour.domain.case import kind_of
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.register.unit import Unit
from goldenhour.domain.review import track as tracks
from goldenhour.domain.review.breakdown import Breakdown
from goldenhour.domain.review.kpi import Dimension, Kpi
from goldenhour.kernel.time import HOUR_MS, SECOND_MS
from goldenhour.views.answers import (
    CaseAnswer,
    CasePatientsAnswer,
    MatchedAnswer,
    PaintedAnswer,
    ReadingsAnswer,
    ReplayAnswer,
    TimelineAnswer,
    TrackAnswer,
)
from goldenhour.views.desk import for_desk
from goldenhour.views.fold import Reveal, personal_rows
from goldenhour.views.render import renderer
from goldenhour.views.replay import ClockOf

READERS = access(Role.DISPATCHER, Role.SUPERVISOR, Role.QUALITY)
JUDGES = access(Role.SUPERVISOR, Role.QUALITY)
DAY_MS: Final = 24 * HOUR_MS
LONGEST_PERIOD_MS: Final = 31 * DAY_MS
READ_MS: Final = 6 * HOUR_MS
"""What began within so long is read at once."""
CASES_AT_ONCE: Final = 100


def routes(services: Services) -> list[BaseRouteHandler]:
    reading = _Reading(services)
    handlers: list[Any] = [
        *_case_routes(services, reading),
        *_run_routes(services, reading),
        *_proof_routes(services, reading),
        *_kpi_routes(services, reading),
    ]
    return handlers


class _Reading:
    """What is read under the asker's identity."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def case_of(
        self, principal: Principal, incident_id: str
    ) -> tuple[list[Envelope], Reveal]:
        return await self.cases_of(principal, [f"incident:{incident_id}"])

    async def cases_of(
        self, principal: Principal, incidents: Sequence[str]
    ) -> tuple[list[Envelope], Reveal]:
        """Every readable event of these cases with its readable personal texts."""
        if self._services.history is None:
            raise ProblemError(503, "no_history")
        identity, desk = self._services.identity_of(principal), self._services.desk_of(principal)
        streams = await self._services.history.case_streams(incidents, identity)
        envelopes = await desk.reader.list_streams(streams, identity)
        rows = await asyncio.to_thread(_personal_of, envelopes)
        return envelopes, Reveal(await desk.reader.reveal(rows, identity))

    async def parts_of(
        self, principal: Principal, begun: Iterable[Envelope]
    ) -> AsyncIterator[tuple[list[Envelope], Reveal]]:
        """The cases whose streams these are, some whole cases at a time."""
        incidents = sorted({envelope.stream for envelope in begun})
        for some in batched(incidents, CASES_AT_ONCE):
            yield await self.cases_of(principal, some)

    async def begun(
        self, principal: Principal, topic: str, from_ms: int, to_ms: int
    ) -> list[Envelope]:
        if self._services.history is None:
            raise ProblemError(503, "no_history")
        if to_ms - from_ms > LONGEST_PERIOD_MS:
            raise ProblemError(400, "period_too_long", "from_ms")
        history, identity = self._services.history, self._services.identity_of(principal)
        found: list[Envelope] = []
        for start_ms in range(from_ms, to_ms, READ_MS):
            end_ms = min(start_ms + READ_MS, to_ms)
            found += await history.list_begun(topic, start_ms, end_ms, identity)
        return found

    async def period(
        self, principal: Principal, start_ms: int, end_ms: int
    ) -> tuple[list[Envelope], dict[str, str]]:
        """Every call that rang and every case that was opened, whole; which are copies, of whom."""
        calls = await self.begun(principal, "call", start_ms, end_ms)
        found = await self.begun(principal, "incident", start_ms, end_ms)
        parts = self.parts_of(principal, found)
        envelopes = [envelope async for part, _reveal in parts for envelope in part]
        in_cases = {e.stream for e in envelopes}
        envelopes += [e for e in calls if e.stream not in in_cases]
        return envelopes, await self.copies(principal, envelopes)

    async def copies(self, principal: Principal, envelopes: Iterable[Envelope]) -> dict[str, str]:
        """Which of these streams another node records, and which node."""
        if self._services.history is None:
            raise ProblemError(503, "no_history")
        streams = sorted({e.stream for e in envelopes})
        return await self._services.history.list_copies(
            streams, self._services.identity_of(principal)
        )

    async def page_of(
        self, principal: Principal, mission_id: str, from_ms: int
    ) -> tuple[Mission, Page]:
        identity, desk = self._services.identity_of(principal), self._services.desk_of(principal)
        stream = f"mission:{mission_id}"
        run = fold(stream, await desk.reader.list_streams([stream], identity))
        if not isinstance(run, Mission):
            raise ProblemError(404, "absent", "mission_id")
        return run, page_at(run, from_ms, self._services.clock.now_ms())

    async def log(self, principal: Principal, action: str, subject: str) -> None:
        await self._services.accounts.log_access(
            self._services.clock.now_ms(), principal.person_id, action, subject, "accepted"
        )


def _personal_of(envelopes: Iterable[Envelope]) -> list[str]:
    return [row for envelope in envelopes for row in personal_rows(recorded_of(envelope))]


def _case_routes(services: Services, reading: _Reading) -> list[Any]:
    """The list, and one case as it was recorded."""

    @get("/api/cases", opt=READERS)
    async def cases(
        request: AnyRequest, q: str = "", from_ms: int = 0, to_ms: int = 0
    ) -> list[CaseAnswer]:
        principal, now_ms = principal_of(request), services.clock.now_ms()
        start_ms, end_ms = from_ms or now_ms - 7 * DAY_MS, to_ms or now_ms + 1
        found = await reading.begun(principal, "incident", start_ms, end_ms)
        heads: list[CaseAnswer] = []
        async for envelopes, reveal in reading.parts_of(principal, found):
            heads += await asyncio.to_thread(
                review.case_list,
                envelopes,
                reveal,
                services.facts,
                q=q,
                from_ms=start_ms,
                to_ms=end_ms,
            )
        return sorted(heads, key=lambda head: (head.opened_ms, head.number), reverse=True)

    @get("/api/cases/{incident_id:str}/timeline", opt=READERS)
    async def timeline(request: AnyRequest, incident_id: str) -> TimelineAnswer:
        principal = principal_of(request)
        envelopes, reveal = await reading.case_of(principal, incident_id)
        answer = review.timeline_of(
            envelopes, reveal, services.rules.kpis, services.facts, incident_id
        )
        if answer is None:
            raise ProblemError(404, "absent", "incident_id")
        await reading.log(principal, "case.read", incident_id)
        answer = replace(
            answer,
            clocks=await clocks_of(services.clocks, envelopes),
            copies=await reading.copies(principal, envelopes),
        )
        if principal.role is Role.DISPATCHER:
            return replace(answer, events=for_desk(answer.events))
        return answer

    @get("/api/cases/{incident_id:str}/patients", opt=READERS)
    async def patients(request: AnyRequest, incident_id: str) -> CasePatientsAnswer:
        principal = principal_of(request)
        envelopes, reveal = await reading.case_of(principal, incident_id)
        if not envelopes:
            raise ProblemError(404, "absent", "incident_id")
        await reading.log(principal, "case.read", incident_id)
        answer = review.patients_of(envelopes, reveal, renderer(services.facts), incident_id)
        if principal.role is Role.DISPATCHER:
            return replace(answer, patients=for_desk(answer.patients))
        return answer

    @get("/api/cases/{incident_id:str}/replay", opt=READERS)
    async def replay(
        request: AnyRequest, incident_id: str, clock: ClockOf = ClockOf.HAPPENED
    ) -> ReplayAnswer:
        principal = principal_of(request)
        envelopes, reveal = await reading.case_of(principal, incident_id)
        shown = renderer(services.facts)
        answer = await asyncio.to_thread(
            review.replay_of, envelopes, reveal, shown, clock, incident_id
        )
        if answer is None:
            raise ProblemError(404, "absent", "incident_id")
        await reading.log(principal, "case.replay", incident_id)
        if principal.role is Role.DISPATCHER:
            frames = tuple(replace(one, put=for_desk(one.put)) for one in answer.frames)
            return replace(answer, frames=frames)
        return answer

    return [cases, timeline, patients, replay]


def _run_routes(services: Services, reading: _Reading) -> list[Any]:
    """What was measured on a run, a page at a time."""

    @get("/api/missions/{mission_id:str}/track", opt=READERS)
    async def track(request: AnyRequest, mission_id: str, from_ms: int = 0) -> TrackAnswer:
        principal = principal_of(request)
        run, page = await reading.page_of(principal, mission_id, from_ms)
        fixes = await services.desk_of(principal).telemetry.list_track(
            run.unit_id, page.from_ms, page.to_ms
        )
        gap_ms = services.rules.dispatch.fences.fresh_s * SECOND_MS
        return TrackAnswer(
            mission_id=mission_id,
            unit_id=run.unit_id,
            call_sign=run.call_sign,
            fixes=await asyncio.to_thread(tracks.track, fixes, gap_ms),
            stored=len(fixes),
            next_ms=page.next_ms,
        )

    @get("/api/missions/{mission_id:str}/matched", opt=READERS)
    async def matched(request: AnyRequest, mission_id: str, from_ms: int = 0) -> MatchedAnswer:
        principal = principal_of(request)
        if services.matching is None:
            raise ProblemError(503, "no_roads")
        run, page = await reading.page_of(principal, mission_id, from_ms)
        fixes = await services.desk_of(principal).telemetry.list_track(
            run.unit_id, page.from_ms, page.to_ms
        )
        kept = services.ways and await services.ways.find(mission_id, page.from_ms)
        if kept and holds(kept, fixes):
            way, matched_ms = kept.way, kept.matched_ms
        else:
            gap_ms = services.rules.dispatch.fences.fresh_s * SECOND_MS
            some = tracks.spaced(fixes, MOST_MATCHED)
            way = await asyncio.to_thread(services.matching.match, some, gap_ms)
            matched_ms = services.clock.now_ms()
        return MatchedAnswer(
            mission_id=mission_id,
            unit_id=run.unit_id,
            call_sign=run.call_sign,
            way=way,
            matched_ms=matched_ms,
            stored=len(fixes),
            next_ms=page.next_ms,
        )

    @get("/api/missions/{mission_id:str}/vitals", opt=READERS)
    async def vitals(request: AnyRequest, mission_id: str, from_ms: int = 0) -> ReadingsAnswer:
        principal = principal_of(request)
        run, page = await reading.page_of(principal, mission_id, from_ms)
        sets = await services.desk_of(principal).telemetry.list_numerics(
            run.unit_id, page.from_ms, page.to_ms
        )
        return ReadingsAnswer(
            mission_id=mission_id,
            unit_id=run.unit_id,
            call_sign=run.call_sign,
            readings=await asyncio.to_thread(tracks.readings, sets),
            stored=len(sets),
            next_ms=page.next_ms,
        )

    return [track, matched, vitals]


def _proof_routes(services: Services, reading: _Reading) -> list[Any]:
    """What can be shown to others: who had seen what, and the record itself."""

    @get("/api/cases/{incident_id:str}/painted", opt=JUDGES)
    async def painted(request: AnyRequest, incident_id: str, event: str) -> PaintedAnswer:
        """Which seats had shown the event `stream@version`, and when."""
        principal = principal_of(request)
        if services.paintings is None or services.history is None:
            raise ProblemError(503, "no_history")
        identity = services.identity_of(principal)
        stream, _, version = event.partition("@")
        streams = await services.history.case_streams([f"incident:{incident_id}"], identity)
        if stream not in streams or not version.isdecimal():
            raise ProblemError(404, "absent", "event")
        owner = (await services.desk_of(principal).reader.owners([stream]))[stream]

        def reads(role: str, org: str) -> bool:
            """By itself, not by a grant: when a grant began is not on record here."""
            if role not in Role:
                return False
            rights = services.identity_of(
                Principal(
                    person_id="",
                    name="",
                    role=Role(role),
                    org=org,
                    seat="",
                    unit_id="",
                    hospital_id="",
                )
            )
            return owner in rights.orgs and kind_of(stream) in rights.topics

        answer = await services.paintings.list_seats(stream, int(version), reads)
        if answer is None:
            raise ProblemError(404, "absent", "event")
        return answer

    @get("/api/cases/{incident_id:str}/evidence", opt=access(Role.QUALITY))
    async def evidence(request: AnyRequest, incident_id: str) -> Response[bytes]:
        """The case as `goldenhour verify` checks it; personal text stands in it in the clear."""
        principal = principal_of(request)
        if services.evidence is None or services.history is None:
            raise ProblemError(503, "no_evidence")
        identity = services.identity_of(principal)
        stream = f"incident:{incident_id}"
        streams = await services.history.case_streams([stream], identity)
        if stream not in streams:
            raise ProblemError(404, "absent", "incident_id")
        out = BytesIO()
        await reading.log(principal, "evidence.export", incident_id)
        await services.evidence(streams, out)
        return Response(
            out.getvalue(),
            media_type="application/octet-stream",
            headers={
                "content-disposition": f'attachment; filename="{incident_id}.evidence"',
                "cache-control": "no-store",
            },
        )

    return [painted, evidence]


def _kpi_routes(services: Services, reading: _Reading) -> list[Any]:
    @get("/api/kpis", opt=READERS)
    async def kpis(request: AnyRequest, from_ms: int = 0, to_ms: int = 0) -> list[Kpi]:
        principal, now_ms = principal_of(request), services.clock.now_ms()
        start_ms, end_ms = from_ms or now_ms - DAY_MS, to_ms or now_ms + 1
        envelopes, copies = await reading.period(principal, start_ms, end_ms)
        rules = services.rules.kpis
        found = await asyncio.to_thread(
            review.kpis_of, envelopes, rules, copies, from_ms=start_ms, to_ms=end_ms
        )
        return list(found)

    @get("/api/kpis/{code:str}", opt=READERS)
    async def kpi(
        request: AnyRequest,
        code: str,
        by: Dimension = Dimension.HOUR,
        from_ms: int = 0,
        to_ms: int = 0,
    ) -> Breakdown:
        principal, now_ms = principal_of(request), services.clock.now_ms()
        start_ms, end_ms = from_ms or now_ms - DAY_MS, to_ms or now_ms + 1
        envelopes, copies = await reading.period(principal, start_ms, end_ms)
        scope = await services.desk_of(principal).hub.scope(services.identity_of(principal))
        stations = {
            stream.partition(":")[2]: state.station_name
            for stream, state in scope.view.states.items()
            if isinstance(state, Unit)
        }
        found = await asyncio.to_thread(
            review.breakdown_of,
            envelopes,
            services.rules.kpis,
            copies,
            stations,
            code=code,
            by=by,
            from_ms=start_ms,
            to_ms=end_ms,
        )
        if found is None:
            raise ProblemError(404, "absent", "by")
        return found

    return [kpis, kpi]
