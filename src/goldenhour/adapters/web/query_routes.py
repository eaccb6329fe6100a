"""Questions that a screen asks: addresses, advice, routes, vital signs. Nothing changes anything.

Rule 1: every answer is computed from what the asker may read; another's case gives the same answer
        as a case that does not exist.
Rule 2: a part that is missing (no roads, no tiles, no addresses) gives a plain problem; the board
        goes on without it.
"""

from typing import Annotated, Any, Literal
from weakref import WeakKeyDictionary

import msgspec
from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from goldenhour.adapters.web.identity import ANYONE, AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app import advise, roads
from goldenhour.app.access import DESK, Principal, Role
from goldenhour.app.edge import ASIDE_SHOWN_MS, AsideItem, EdgeStatus
from goldenhour.app.fleet import Fleet
from goldenhour.app.learn import answer_of
from goldenhour.app.live import Hub, Scope
from goldenhour.app.redirect import redirects_for
from goldenhour.app.together import together_for
from goldenhour.app.travel_times import TravelTimes
from goldenhour.app.windows import windows_for
from goldenhour.domain.dispatch.arrival import Spread
from goldenhour.domain.dispatch.route import Language, Route, RouteFailure
from goldenhour.domain.handover.choose import RankedHospital
from goldenhour.domain.register.city import AddressHit
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.views.answers import (
    DuplicateAnswer,
    EtaAnswer,
    LearntAnswer,
    LevelIfAnswer,
    RecommendAnswer,
    RedirectAnswer,
    SeatAnswer,
    TogetherAnswer,
    WindowAnswer,
)

Lat = Annotated[float, Parameter(ge=-90, le=90)]
Lon = Annotated[float, Parameter(ge=-180, le=180)]
ON_CASE = access(Role.DISPATCHER, Role.SUPERVISOR, Role.CREW)
EN_ROUTE = access(Role.DISPATCHER, Role.SUPERVISOR, Role.CREW, Role.HOSPITAL)


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

    fleets: WeakKeyDictionary[Scope, Fleet] = WeakKeyDictionary()

    async def grounds_of(request: AnyRequest) -> advise.Grounds:
        principal = principal_of(request)
        scope = await scope_of(principal)
        return advise.Grounds(
            view=scope.view,
            positions=services.desk_of(principal).hub.positions,
            travel=travel(),
            facts=services.facts,
            rules=services.rules.dispatch,
            now_ms=services.clock.now_ms(),
            city=services.city,
            spread=_spread(services),
            fleet=fleets.setdefault(scope, Fleet()),
        )

    @get("/api/recommend", opt=access(*DESK))
    async def recommend(request: AnyRequest, incident_id: str) -> RecommendAnswer:
        return _or_problem(advise.recommend_for(await grounds_of(request), incident_id))

    @get("/api/recommend/together", opt=access(*DESK))
    async def together(request: AnyRequest) -> list[TogetherAnswer]:
        return list(together_for(await grounds_of(request)))

    @get("/api/recommend/redirects", opt=access(*DESK))
    async def redirects(request: AnyRequest, incident_id: str) -> list[RedirectAnswer]:
        return list(redirects_for(await grounds_of(request), incident_id))

    @get("/api/hospitals/rank", opt=ON_CASE)
    async def rank(request: AnyRequest, mission_id: str, needs: str = "") -> list[RankedHospital]:
        principal = principal_of(request)
        scope, hub = await scope_of(principal), services.desk_of(principal).hub
        answer = advise.hospitals_for(
            scope.view,
            hub.positions,
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
    async def duplicates(
        request: AnyRequest, incident_id: str = "", call_id: str = ""
    ) -> list[DuplicateAnswer]:
        scope = await scope_of(principal_of(request))
        found = advise.duplicates_for(
            scope.view, rules=services.rules.dispatch, incident_id=incident_id, call_id=call_id
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
        sets = await services.desk_of(principal).telemetry.list_numerics(
            unit_id, max(begun_ms, from_ms), ended_ms or now_ms
        )
        told = advise.worn_by(scope.view, patient_id, sets)
        typed = advise.list_typed(scope.view, patient_id, from_ms)
        return sorted((*told, *typed), key=lambda one: one.received_ms)

    @get("/api/edge/status", opt=access(Role.CREW))
    async def edge_status(request: AnyRequest) -> EdgeStatus:
        if services.edge_status is None:
            raise ProblemError(404, "absent")
        return services.edge_status(principal_of(request).unit_id)

    @get("/api/edge/not-taken", opt=access(Role.CREW))
    async def not_taken(request: AnyRequest) -> list[AsideItem]:
        """What of the last day the centre has kept aside; empty at the centre itself."""
        if services.not_taken is None:
            return []
        since_ms = services.clock.now_ms() - ASIDE_SHOWN_MS
        return await services.not_taken(principal_of(request).unit_id, since_ms)

    handlers: list[Any] = [
        search,
        reverse,
        recommend,
        together,
        redirects,
        rank,
        levels_if,
        duplicates,
        vitals,
        edge_status,
        not_taken,
        *_way_routes(services),
    ]
    return handlers


def _way_routes(services: Services) -> list[Any]:
    """Who is on the way where, and when they will be there."""

    async def look(principal: Principal) -> tuple[Scope, Hub]:
        hub = services.desk_of(principal).hub
        return await hub.scope(services.identity_of(principal)), hub

    async def find(
        scope: Scope, ends: tuple[Point, Point] | None, field: str, language: Language
    ) -> Route:
        if ends is None:
            raise ProblemError(404, "absent", field)
        if services.router is None:
            raise ProblemError(503, "no_route", detail="unavailable")
        answer = await services.router.route(
            ends,
            language=language,
            avoid=roads.avoided(scope.view, ends),
            into_shut=roads.leads_into_shut(scope.view, ends),
        )
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
        ends = advise.route_ends(scope.view, hub.positions.fixes, mission_id, to)
        return await find(scope, ends, "mission_id", lang)

    @get("/api/route/proposed", opt=access(*DESK))
    async def proposed(
        request: AnyRequest, unit_id: str, incident_id: str, lang: Language = Language.CHINESE
    ) -> Route:
        """The way that a unit would take to a case it has not been sent to."""
        scope, hub = await look(principal_of(request))
        ends = advise.way_to_case(scope.view, hub.positions.fixes, unit_id, incident_id)
        return await find(scope, ends, "incident_id", lang)

    @get("/api/roads/line", opt=access(*DESK))
    async def road_line(points: Annotated[str, Parameter(max_length=1000)]) -> list[Point]:
        """The road through these places ("lat,lon;lat,lon"), from crossing to crossing."""
        if services.road_lines is None:
            raise ProblemError(503, "no_roads")
        try:
            pairs = [[float(word) for word in one.split(",")] for one in points.split(";")]
            places = [msgspec.convert({"lat": lat, "lon": lon}, Point) for lat, lon in pairs]
        except ValueError:
            raise ProblemError(400, "bad_line", "points") from None
        line = services.road_lines.find_line(places) if len(places) > 1 else None
        if line is None:
            raise ProblemError(409, "no_road_there", "points")
        return list(line)

    @get("/api/etas", opt=access(*DESK, Role.HOSPITAL))
    async def etas(request: AnyRequest) -> list[EtaAnswer]:
        if services.travel is None:
            raise ProblemError(503, "no_roads")
        scope, hub = await look(principal_of(request))
        now_ms = services.clock.now_ms()
        return list(
            advise.etas_for(
                scope.view,
                hub.positions,
                services.travel,
                now_ms=now_ms,
                spread=_spread(services),
            )
        )

    @get("/api/windows", opt=access(*DESK))
    async def windows(request: AnyRequest) -> list[WindowAnswer]:
        """Of every reservation: when it is to be activated, and whether it can be in time."""
        if services.travel is None:
            raise ProblemError(503, "no_roads")
        scope, hub = await look(principal_of(request))
        return list(
            windows_for(
                scope.view,
                hub.positions,
                services.travel,
                get_away_s=services.facts.limits.depart_s,
                now_ms=services.clock.now_ms(),
            )
        )

    @get("/api/roads/learnt", opt=access(*DESK))
    async def roads_learnt() -> LearntAnswer | None:
        """Null: nothing was learnt yet."""
        learnt = services.learnt() if services.learnt else None
        return answer_of(learnt) if learnt else None

    @get("/api/seats", opt=access(*DESK))
    async def seats(request: AnyRequest) -> list[SeatAnswer]:
        """Who sits where in the asker's centre and below it; who talks with whom is a live view."""
        principal = principal_of(request)
        own = services.tree.organisations.subtree(principal.org)
        watching = services.desk_of(principal).hub.watching
        found = [
            SeatAnswer(
                seat=person.seat,
                org=person.org,
                name=person.name,
                role=person.role,
                present=watching[person.id] > 0,
            )
            for person in await services.accounts.list_people()
            if person.active and person.seat and person.role in DESK and person.org in own
        ]
        return sorted(found, key=lambda seat: seat.seat)

    return [route, proposed, road_line, etas, windows, roads_learnt, seats]


def _spread(services: Services) -> Spread | None:
    learnt = services.learnt() if services.learnt else None
    return learnt.spread if learnt else None


def _or_problem[T](answer: T | Refused) -> T:
    """Advice on what is not there is absent; advice that cannot be given says why."""
    if isinstance(answer, Refused):
        status = 404 if answer.code == "absent" else 409
        raise ProblemError(status, answer.code, answer.field, answer.detail)
    return answer
