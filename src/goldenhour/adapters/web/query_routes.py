"""Questions that a screen asks: addresses, advice, routes, history. Nothing here changes anything.

Rule 1: every answer is computed from what the asker may read; another's case gives the same answer
        as a case that does not exist.
Rule 2: a part that is missing (no roads, no tiles, no addresses) gives a plain problem; the board
        goes on without it.
"""

import asyncio
from typing import Annotated, Any, Final, Literal

from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from goldenhour.adapters.web.identity import ANYONE, AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app import advise, review
from goldenhour.app.access import DESK, Principal, Role
from goldenhour.app.edge import EdgeStatus
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import Envelope
from goldenhour.app.live import Hub, Scope
from goldenhour.app.ports import TravelTimes
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.dispatch.route import Language, Route, RouteFailure
from goldenhour.domain.handover.choose import RankedHospital
from goldenhour.domain.register.city import AddressHit
from goldenhour.domain.review.kpi import Kpi
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.kernel.time import HOUR_MS
from goldenhour.views.answers import (
    CaseAnswer,
    DuplicateAnswer,
    EtaAnswer,
    LevelIfAnswer,
    RecommendAnswer,
    SeatAnswer,
    TimelineAnswer,
)
from goldenhour.views.fold import Reveal, personal_rows

Lat = Annotated[float, Parameter(ge=-90, le=90)]
Lon = Annotated[float, Parameter(ge=-180, le=180)]
READERS = access(Role.DISPATCHER, Role.SUPERVISOR, Role.QUALITY)
ON_CASE = access(Role.DISPATCHER, Role.SUPERVISOR, Role.CREW)
EN_ROUTE = access(Role.DISPATCHER, Role.SUPERVISOR, Role.CREW, Role.HOSPITAL)
DAY_MS: Final = 24 * HOUR_MS
LONGEST_PERIOD_MS: Final = 366 * DAY_MS


class TrackPoint(Record):
    at_ms: int
    point: Point
    speed_kmh: float
    call_sign: str


class Track(Record):
    fixes: tuple[TrackPoint, ...]


def routes(services: Services) -> list[BaseRouteHandler]:
    def travel() -> TravelTimes:
        if services.travel is None:
            raise ProblemError(503, "no_roads")
        return services.travel

    async def scope_of(principal: Principal) -> Scope:
        return await services.desk_of(principal).hub.scope(services.identity_of(principal))

    @get("/api/address/search", opt=access(*DESK, Role.CREW))
    async def search(
        q: Annotated[str, Parameter(min_length=1, max_length=200)],
        lat: Lat | None = None,
        lon: Lon | None = None,
        limit: Annotated[int, Parameter(ge=1, le=50)] = 10,
    ) -> list[AddressHit]:
        if services.addresses is None:
            raise ProblemError(503, "no_addresses")
        near = Point(lat=lat, lon=lon) if lat is not None and lon is not None else None
        return services.addresses.search(q, near=near, limit=limit)

    @get("/api/address/reverse", opt=access(*DESK, Role.CREW))
    async def reverse(lat: Lat, lon: Lon) -> AddressHit | None:
        if services.addresses is None:
            raise ProblemError(503, "no_addresses")
        return services.addresses.reverse(Point(lat=lat, lon=lon))

    @get("/api/recommend", opt=access(*DESK))
    async def recommend(request: AnyRequest, incident_id: str) -> RecommendAnswer:
        principal = principal_of(request)
        scope, hub = await scope_of(principal), services.desk_of(principal).hub
        answer = advise.recommend_for(
            scope.view,
            hub.fixes,
            travel(),
            facts=services.facts,
            rules=services.rules.dispatch,
            incident_id=incident_id,
            now_ms=services.clock.now_ms(),
        )
        return _or_problem(answer)

    @get("/api/hospitals/rank", opt=ON_CASE)
    async def rank(request: AnyRequest, mission_id: str, needs: str = "") -> list[RankedHospital]:
        principal = principal_of(request)
        scope, hub = await scope_of(principal), services.desk_of(principal).hub
        answer = advise.hospitals_for(
            scope.view,
            hub.fixes,
            travel(),
            rules=services.rules.destination,
            mission_id=mission_id,
            needs=tuple(filter(None, needs.split(","))),
            now_ms=services.clock.now_ms(),
        )
        return list(_or_problem(answer))

    @get("/api/levels/if", opt=access(*DESK))
    async def levels_if(
        request: AnyRequest, incident_id: str, question: str
    ) -> list[LevelIfAnswer]:
        scope = await scope_of(principal_of(request))
        found = advise.next_levels_for(
            scope.view, facts=services.facts, incident_id=incident_id, question=question
        )
        return list(_or_problem(found))

    @get("/api/duplicates", opt=access(*DESK))
    async def duplicates(request: AnyRequest, incident_id: str) -> list[DuplicateAnswer]:
        scope = await scope_of(principal_of(request))
        found = advise.duplicates_for(
            scope.view, rules=services.rules.dispatch, incident_id=incident_id
        )
        return list(_or_problem(found))

    @get("/api/vitals", opt={"access": ANYONE})
    async def vitals(request: AnyRequest, patient_id: str, from_ms: int = 0) -> list[NumericSet]:
        principal = principal_of(request)
        scope = await scope_of(principal)
        span = advise.vitals_span(scope.view, patient_id)
        if span is None:
            raise ProblemError(404, "absent", "patient_id")
        unit_id, begun_ms, ended_ms = span
        now_ms = services.clock.now_ms()
        return await services.desk_of(principal).telemetry.list_numerics(
            unit_id, max(begun_ms, from_ms), ended_ms or now_ms
        )

    @get("/api/edge/status", opt=access(Role.CREW))
    async def edge_status(request: AnyRequest) -> EdgeStatus:
        if services.edge_status is None:
            raise ProblemError(404, "absent")
        return services.edge_status(principal_of(request).unit_id)

    handlers: list[Any] = [
        search,
        reverse,
        recommend,
        rank,
        levels_if,
        duplicates,
        vitals,
        edge_status,
        *_way_routes(services),
        *_history_routes(services),
    ]
    return handlers


def _way_routes(services: Services) -> list[Any]:
    """Who is on the way where, and when they will be there."""

    async def look(principal: Principal) -> tuple[Scope, Hub]:
        hub = services.desk_of(principal).hub
        return await hub.scope(services.identity_of(principal)), hub

    async def find(ends: tuple[Point, Point] | None, field: str, language: Language) -> Route:
        if ends is None:
            raise ProblemError(404, "absent", field)
        if services.router is None:
            raise ProblemError(503, "no_route", detail="unavailable")
        answer = await services.router.route(ends, language=language)
        if isinstance(answer, RouteFailure):
            raise ProblemError(503, "no_route", detail=answer.problem)
        return answer

    @get("/api/route", opt=EN_ROUTE)
    async def route(
        request: AnyRequest,
        mission_id: str,
        to: Literal["scene", "hospital", "station"] = "scene",
        lang: Language = Language.CHINESE,
    ) -> Route:
        scope, hub = await look(principal_of(request))
        return await find(
            advise.route_ends(scope.view, hub.fixes, mission_id, to), "mission_id", lang
        )

    @get("/api/route/proposed", opt=access(*DESK))
    async def proposed(
        request: AnyRequest, unit_id: str, incident_id: str, lang: Language = Language.CHINESE
    ) -> Route:
        """The way that a unit would take to a case it has not been sent to."""
        scope, hub = await look(principal_of(request))
        ends = advise.way_to_case(scope.view, hub.fixes, unit_id, incident_id)
        return await find(ends, "incident_id", lang)

    @get("/api/etas", opt=access(*DESK))
    async def etas(request: AnyRequest) -> list[EtaAnswer]:
        if services.travel is None:
            raise ProblemError(503, "no_roads")
        scope, hub = await look(principal_of(request))
        now_ms = services.clock.now_ms()
        return list(advise.etas_for(scope.view, hub.fixes, services.travel, now_ms=now_ms))

    @get("/api/seats", opt=access(*DESK))
    async def seats(request: AnyRequest) -> list[SeatAnswer]:
        """Who sits where in the asker's centre; whom a seat talks with is in the live view."""
        principal = principal_of(request)
        own = services.tree.organisations.subtree(principal.org)
        watching = services.desk_of(principal).hub.watching
        found = [
            SeatAnswer(
                seat=person.seat,
                name=person.name,
                role=person.role,
                present=watching[person.id] > 0,
            )
            for person in await services.accounts.list_people()
            if person.active and person.seat and person.role in DESK and person.org in own
        ]
        return sorted(found, key=lambda seat: seat.seat)

    return [route, proposed, etas, seats]


def _history_routes(services: Services) -> list[Any]:
    """Closed and open cases, their timelines, KPIs."""

    async def case_of(principal: Principal, incident_id: str) -> tuple[list[Envelope], Reveal]:
        return await cases_of(principal, [f"incident:{incident_id}"])

    async def cases_of(principal: Principal, incidents: list[str]) -> tuple[list[Envelope], Reveal]:
        """Every readable event of these cases with its readable personal texts."""
        if services.history is None:
            raise ProblemError(503, "no_history")
        identity, desk = services.identity_of(principal), services.desk_of(principal)
        streams = await services.history.case_streams(incidents, identity)
        envelopes = await desk.reader.list_streams(streams, identity)
        rows = [row for e in envelopes for row in personal_rows(recorded_of(e))]
        return envelopes, Reveal(await desk.reader.reveal(rows, identity))

    async def begun(principal: Principal, topic: str, from_ms: int, to_ms: int) -> list[Envelope]:
        if services.history is None:
            raise ProblemError(503, "no_history")
        if to_ms - from_ms > LONGEST_PERIOD_MS:
            raise ProblemError(400, "period_too_long", "from_ms")
        identity = services.identity_of(principal)
        return await services.history.list_begun(topic, from_ms, to_ms, identity)

    @get("/api/cases", opt=READERS)
    async def cases(
        request: AnyRequest, q: str = "", from_ms: int = 0, to_ms: int = 0
    ) -> list[CaseAnswer]:
        principal, now_ms = principal_of(request), services.clock.now_ms()
        start_ms, end_ms = from_ms or now_ms - 7 * DAY_MS, to_ms or now_ms + 1
        found = await begun(principal, "incident", start_ms, end_ms)
        envelopes, reveal = await cases_of(principal, sorted({e.stream for e in found}))
        return list(review.case_list(envelopes, reveal, q=q, from_ms=start_ms, to_ms=end_ms))

    @get("/api/cases/{incident_id:str}/timeline", opt=READERS)
    async def timeline(request: AnyRequest, incident_id: str) -> TimelineAnswer:
        principal = principal_of(request)
        envelopes, reveal = await case_of(principal, incident_id)
        answer = review.timeline_of(envelopes, reveal, services.rules.kpis, incident_id)
        if answer is None:
            raise ProblemError(404, "absent", "incident_id")
        await services.accounts.log_access(
            services.clock.now_ms(), principal.person_id, "case.read", incident_id, "accepted"
        )
        return answer

    @get("/api/cases/{incident_id:str}/track", opt=READERS)
    async def track(request: AnyRequest, incident_id: str) -> Track:
        principal = principal_of(request)
        envelopes, _reveal = await case_of(principal, incident_id)
        by_stream: dict[str, list[Envelope]] = {}
        for envelope in envelopes:
            by_stream.setdefault(envelope.stream, []).append(envelope)
        desk, now_ms = services.desk_of(principal), services.clock.now_ms()
        points: list[TrackPoint] = []
        for stream, events in by_stream.items():
            state = fold(stream, events)
            if isinstance(state, Mission) and state.assigned_ms is not None:
                fixes = await desk.telemetry.list_track(
                    state.unit_id, state.assigned_ms, state.ended_ms or now_ms
                )
                points += [
                    TrackPoint(
                        at_ms=fix.device_ms,
                        point=fix.point,
                        speed_kmh=fix.speed_kmh,
                        call_sign=state.call_sign,
                    )
                    for fix in fixes
                    if fix.point is not None
                ]
        return Track(fixes=tuple(points))

    @get("/api/kpis", opt=READERS)
    async def kpis(request: AnyRequest, from_ms: int = 0, to_ms: int = 0) -> list[Kpi]:
        principal, now_ms = principal_of(request), services.clock.now_ms()
        start_ms, end_ms = from_ms or now_ms - DAY_MS, to_ms or now_ms + 1
        calls = await begun(principal, "call", start_ms, end_ms)
        found = await begun(principal, "incident", start_ms, end_ms)
        envelopes, _reveal = await cases_of(principal, sorted({e.stream for e in found}))
        in_cases = {e.stream for e in envelopes}
        envelopes += [e for e in calls if e.stream not in in_cases]
        return list(
            await asyncio.to_thread(
                review.kpis_of, envelopes, services.rules.kpis, from_ms=start_ms, to_ms=end_ms
            )
        )

    return [cases, timeline, track, kpis]


def _or_problem[T](answer: T | Refused) -> T:
    """Advice on what is not there is absent; advice that cannot be given says why."""
    if isinstance(answer, Refused):
        status = 404 if answer.code == "absent" else 409
        raise ProblemError(status, answer.code, answer.field, answer.detail)
    return answer
