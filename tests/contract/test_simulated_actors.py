"""The simulated actors over real sockets, against a platform written by hand."""

import asyncio
import itertools
import os
import signal
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from random import Random  # noqa: TID251 (a seed fixes the test)
from typing import Any, get_args

import httpx
import msgspec
import pytest
from platform_double import Platform, serving

from factories.crew_rows import (
    HOSPITAL,
    SCENE,
    STATION,
    UNIT,
    call,
    fix,
    handover,
    hospital,
    incident,
    mission,
    node,
    patient,
    unit,
)
from goldenhour.adapters.web.live_routes import (
    Ended,
    Fixes,
    Numerics,
    Ping,
    ServerMessage,
    Snapshot,
)
from goldenhour.app.journal import Outcome
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.dispatch.mission import ENDED, REACHED
from goldenhour.domain.dispatch.route import Route
from goldenhour.domain.register.city import Bounds, City, Signal
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.kernel.time import CHINA, from_datetime
from goldenhour.main.local_ca import ensure_certificate
from goldenhour.simulator import api
from goldenhour.simulator.api import ApiClient, ApiError, CrewAccount, Live
from goldenhour.simulator.caller import CallersConfig, run_callers
from goldenhour.simulator.crew import CrewsConfig, run_crews
from goldenhour.simulator.demand import load_habits
from goldenhour.simulator.drivers import DriversConfig, EdgePlans
from goldenhour.simulator.driving import DrivePlan
from goldenhour.views.rows import CallRow, MissionRow, SignatureRow

HABITS = load_habits()
NEVER_S = 1e9
FULL = Point(lat=30.03, lon=120.0)
"""Of a hospital nearer to the scene than the other, but diverting."""
RING = c.Ring(call_id="c1", number=Clear(text="100"), line="double")
TOWN = City(
    name="澜溪", name_en="Lanxi", fictional=True,
    bounds=Bounds(south=31, west=105, north=32, east=106), centre=Point(lat=31.2, lon=105.4),
    attribution="", source_sha256="", overrides_sha256=None, stations=(), hospitals=(), aeds=(),
    signals=(Signal(id="n1", name="人民路", name_en="", point=Point(lat=31.2, lon=105.4)),),
    units=(),
)  # fmt: skip


class Ticking:
    """A clock on which every reading is a second later."""

    def __init__(self) -> None:
        self._seconds = itertools.count(1_767_225_600)

    def now_ms(self) -> int:
        return next(self._seconds) * 1_000


@asynccontextmanager
async def client_of(platform: Platform, ca_file: Path | None = None) -> AsyncIterator[ApiClient]:
    entropy = Random(1).randbytes
    async with ApiClient(
        platform.url, ca_file=ca_file, entropy=entropy, clock=Ticking(), retry_s=0.001
    ) as client:
        yield client


@asynccontextmanager
async def logged_in() -> AsyncIterator[tuple[Platform, ApiClient]]:
    async with serving() as platform, client_of(platform) as client:
        await client.login("gateway", "secret")
        yield platform, client


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


# The client.


def test_actors_know_every_message_of_a_live_view() -> None:
    """One that they cannot read ends their line, again and again."""
    told, known = (
        {one.__struct_config__.tag for one in get_args(messages)}
        for messages in (ServerMessage, api.Message)
    )
    assert told == known


async def test_everything_goes_over_tls_with_a_secure_cookie(tmp_path: Path) -> None:
    # A handshake judges by the machine's clock.
    now_ms = int(time.clock_gettime(time.CLOCK_REALTIME) * 1_000)
    certificate = ensure_certificate(tmp_path, ["127.0.0.1"], now_ms=now_ms)
    async with serving(certificate) as platform, client_of(platform, certificate.ca) as client:
        await client.login("gateway", "secret")
        await client.send(RING)
        async with aclosing(client.live("board")) as views:
            await anext(views)
    assert platform.sessions == 1
    assert platform.url.startswith("https")


async def test_a_client_waits_until_it_is_let_in() -> None:
    async with serving() as platform, client_of(platform) as client:
        platform.plan = [("POST /api/session", status) for status in (401, 0, 503)]
        session = await client.login("gateway", "secret")
        assert (session.person_id, session.name) == ("p1", "gateway")
        assert platform.asked == ["POST /api/session"] * 4


async def test_a_command_lost_on_the_way_keeps_its_pair_and_is_done_once() -> None:
    async with logged_in() as (platform, client):
        platform.plan = [("POST /api/commands", status) for status in (0, 503, 429)]
        assert await client.send(RING) == Outcome(versions={"call:c": 1})
        assert await client.send(RING) == Outcome(versions={"call:c": 2})
        pairs = [pair for pair, _ in platform.heard]
        assert [sequence for _, sequence in pairs] == [1, 1, 2]  # 503 and 429 were not even read
        assert len({installation for installation, _ in pairs}) == 1


async def test_a_session_that_ended_is_opened_again_for_the_same_command() -> None:
    async with logged_in() as (platform, client):
        platform.sessions += 1  # the cookie is worth nothing any more
        await client.send(RING)
        assert platform.asked == [
            "POST /api/session",
            "POST /api/commands",
            "POST /api/session",
            "POST /api/commands",
        ]


async def test_a_refusal_is_a_value_and_what_can_never_succeed_an_error() -> None:
    async with logged_in() as (platform, client):
        platform.refusals["call.ring"] = "exists"
        assert await client.send(RING) == Refused(code="exists", field="call_id")
        platform.plan = [("POST /api/commands", 400), ("POST /api/commands", 403)]
        for status in (400, 403):
            with pytest.raises(ApiError, match=f"planned_{status}") as caught:
                await client.send(RING)
            assert (caught.value.status, caught.value.field) == (status, "f")


async def test_a_query_is_asked_once() -> None:
    async with logged_in() as (platform, client):
        platform.routes["GET /api/x?a=1"] = (200, ["text"])
        assert await client.get("/api/x", {"a": "1"}, list[str]) == ["text"]
        platform.plan = [("GET /api/x", 503), ("GET /api/x", 0)]
        for code in ("planned_503", "unreachable", "out_of_contract", "absent"):
            of: type[list[Any]] = list[int] if code == "out_of_contract" else list[str]
            with pytest.raises(ApiError, match=code):
                await client.get("/api/y" if code == "absent" else "/api/x", {"a": "1"}, of)


def calls(live: Live) -> dict[str, str]:
    return {row.id: row.state for row in live.list_rows(CallRow)}


async def test_a_live_view_is_folded_and_resumed() -> None:
    async with logged_in() as (platform, client):
        platform.put(call("c1", "ringing"))
        async with aclosing(client.live("board")) as views:
            assert calls(await anext(views)) == {"c1": "ringing"}
            platform.say(Ping(server_ms=1, delivery=1))
            numerics = NumericSet(
                device_id="", unit_id=UNIT, device_ms=None, received_ms=0, values=()
            )
            platform.say(Numerics(numerics=(numerics,)))
            platform.put(call("c1", "answered"), call("c2", "ringing"))
            assert calls(await anext(views)) == {"c1": "answered", "c2": "ringing"}
            platform.put(drop=(call("c1", ""),))
            live = await anext(views)
            assert calls(live) == {"c2": "ringing"}
            assert live.find_row(CallRow, "c1") is None
            platform.say(Fixes(fixes=(fix(SCENE), fix(HOSPITAL)), doubted=()))
            assert (await anext(views)).fixes == {UNIT: fix(HOSPITAL)}

            platform.say_bytes(None)  # the link breaks
            waiting = asyncio.ensure_future(anext(views))
            await platform.until(lambda: platform.asked[-1].endswith("after=3"))
            platform.put(call("c3", "ringing"))
            assert calls(await waiting) == {"c2": "ringing", "c3": "ringing"}
            platform.say(Snapshot(at=9, rows=(call("c4", "ended"),)))
            assert calls(await anext(views)) == {"c4": "ended"}
    assert platform.sessions == 1
    assert "WS /api/live?view=board&unit=u1" in platform.asked


@pytest.mark.parametrize(
    ("trouble", "logins"),
    [
        (b"{", 1),
        (b'{"type":"snapshot","at":1,"rows":[{"table":"calls"}]}', 1),
        (msgspec.json.encode(Ended(code="session_ended")), 2),
    ],
)
async def test_a_view_in_trouble_begins_again(trouble: bytes, logins: int) -> None:
    async with logged_in() as (platform, client), aclosing(client.live("board")) as views:
        await anext(views)
        platform.say_bytes(trouble)
        waiting = asyncio.ensure_future(anext(views))
        opened = await platform.until(
            lambda: len(found := [one for one in platform.asked if "WS" in one]) == 2 and found
        )
        platform.put(call("c1", "ringing"))
        assert calls(await waiting) == ({"c1": "ringing"} if logins == 1 else {})
        assert platform.sessions == logins
        assert ("after=" in str(opened)) == (logins == 1)  # a new session begins the view anew


async def test_a_view_that_is_not_opened_asks_for_a_new_session() -> None:
    async with logged_in() as (platform, client), aclosing(client.live("board")) as views:
        platform.sessions += 1  # the cookie is worth nothing any more
        assert calls(await anext(views)) == {}
        assert platform.sessions == 3


async def test_a_silent_view_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "SILENCE_S", 0.02)
    async with logged_in() as (platform, client), aclosing(client.live("board")) as views:
        await anext(views)
        waiting = asyncio.ensure_future(anext(views))
        await platform.until(lambda: sum("WS" in one for one in platform.asked) >= 3)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting


# Callers.


def gateway(platform: Platform) -> None:
    """Shows the calls it is given."""

    def obey(command: c.Command) -> None:
        if isinstance(command, c.Ring):
            platform.put(call(command.call_id, "ringing"))
        elif isinstance(command, c.Abandon):
            platform.put(call(command.call_id, "abandoned"))

    platform.on_command = obey


def of_kind[T](platform: Platform, kind: type[T]) -> list[T]:
    return [command for command in platform.list_done() if isinstance(command, kind)]


async def until_rung(platform: Platform, count: int) -> None:
    await platform.until(lambda: len(of_kind(platform, c.Ring)) == count)


@asynccontextmanager
async def callers(config: CallersConfig) -> AsyncIterator[Platform]:
    async with logged_in() as (platform, client):
        gateway(platform)
        platform.put(call("someone", "ringing", line="120"))
        work = run_callers(config, client=client, city=TOWN, clock=Ticking(), rng=Random(1))
        async with running(work):
            yield platform


async def test_a_call_rings_at_once_and_another_when_a_person_asks() -> None:
    async with callers(CallersConfig(mean_interval_s=NEVER_S, max_ringing=1)) as platform:
        await until_rung(platform, 1)
        os.kill(os.getpid(), signal.SIGUSR1)
        await until_rung(platform, 2)
        ring = of_kind(platform, c.Ring)[0]
        assert ring.line == "double"
        assert isinstance(ring.location, Clear)
        told = msgspec.json.decode(ring.location.text)
        assert set(told) == {"label", "lat", "lon"}
        assert told["label"].startswith("人民路 ±")
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL


async def test_no_more_ring_at_once_than_configured() -> None:
    async with callers(
        CallersConfig(mean_interval_s=0.001, max_ringing=3, abandon_share=0)
    ) as platform:
        for answered in range(2):
            await until_rung(platform, answered + 3)
            # Several intervals pass, and nothing rings.
            await some_turns(platform)
            rung = of_kind(platform, c.Ring)
            assert len(rung) == answered + 3
            platform.put(call(rung[answered].call_id, "answered"))


async def some_turns(platform: Platform) -> None:
    """Lets the actors have some turns: several whole exchanges of somebody else's."""
    async with httpx.AsyncClient(base_url=platform.url, trust_env=False) as other:
        for _ in range(20):
            await other.get("/api/x")


async def test_who_gives_up_takes_the_call_back() -> None:
    config = CallersConfig(mean_interval_s=0.001, abandon_share=1, patience_s=(0.001, 0.002))
    async with callers(config) as platform:
        await platform.until(lambda: len(of_kind(platform, c.Abandon)) >= 5)
        rung = [ring.call_id for ring in of_kind(platform, c.Ring)]
        abandoned = {one.call_id for one in of_kind(platform, c.Abandon)}
        assert abandoned <= set(rung[1:])  # the first one is patient


# Drivers.


def account(platform: Platform) -> CrewAccount:
    return CrewAccount(
        unit_id=UNIT, base_url=platform.url, username="crew1", password="demo-password"
    )


FREE_KMH = DriversConfig(crews=(), ca_file=None).speed_kmh


class Stopped:
    """A clock that stands at an hour of a day in China."""

    def __init__(self, hour: int) -> None:
        self._at_ms = from_datetime(datetime(2026, 1, 1, hour, 30, tzinfo=CHINA))

    def now_ms(self) -> int:
        return self._at_ms


@pytest.mark.parametrize("hour", [3, 8, 17])
async def test_a_leg_is_driven_at_the_traffic_of_its_hour(hour: int) -> None:
    async with serving() as platform:
        platform.put(unit(), incident(), mission(state="en_route"))
        config = DriversConfig(crews=(account(platform),), ca_file=None)
        plans = EdgePlans(config, HABITS, clock=Stopped(hour), entropy=Random(1).randbytes)
        async with running(plans.run()):
            while True:
                plan = await plans.current(UNIT)
                if plan:
                    break
                await asyncio.sleep(0)
    assert plan.speed_kmh == pytest.approx(FREE_KMH * HABITS.traffic[hour])


async def test_a_vehicle_drives_as_its_run_goes() -> None:
    async with serving() as platform:
        platform.put(unit(), incident(), hospital(), mission(state="assigned"))
        way = (STATION, Point(lat=30.01, lon=120.0), SCENE)
        route = Route(points=way, seconds=60, metres=2_000, manoeuvres=())
        platform.routes["GET /api/route?mission_id=m1&to=scene"] = (200, msgspec.to_builtins(route))
        config = DriversConfig(crews=(account(platform),), ca_file=None, time_factor=2)
        plans = EdgePlans(config, HABITS, clock=Ticking(), entropy=Random(1).randbytes)

        async def until(state: str, to: str) -> DrivePlan | None:
            platform.put(mission(state=state, destination_id="h1"))
            if to:
                await platform.until(
                    lambda: f"GET /api/route?mission_id=m1&to={to}" in platform.asked
                )
            while True:
                plan = await plans.current(UNIT)
                if (plan.plan_id.split("/")[1] if plan else "") == to:
                    return plan
                await asyncio.sleep(0)

        async with running(plans.run()):
            assert await plans.current("nobody") is None
            plan = await until("en_route", "scene")
            eight = HABITS.traffic[8]
            assert plan == DrivePlan(
                plan_id="m1/scene/30.02000,120.00000", polyline=way, speed_kmh=90 * eight
            )
            assert await until("on_scene", "") is None
            plan = await until("to_hospital", "hospital")  # for which there is no route
            assert plan
            assert plan.polyline == (HOSPITAL,)
            plan = await until("cleared", "station")
            assert plan
            assert plan.polyline == (STATION,)


# Crews.


def hospital_and_road(platform: Platform) -> None:
    """Shows what the crew does; the vehicle is where it goes, and the hospital signs at once."""
    row = mission(state="assigned")
    platform.put(unit(), incident(), hospital(), hospital("h2", FULL, diverting=True), row)
    declined = itertools.count()

    def run() -> MissionRow:
        found = platform.rows["missions", "m1"]
        assert isinstance(found, MissionRow)
        return found

    def obey(command: c.Command) -> None:
        match command:
            case c.Reach():
                after = REACHED[command.milestone]
                nodes = (*run().nodes, node(command.milestone))
                changed = msgspec.structs.replace(run(), state=after, nodes=nodes)
                platform.put(msgspec.structs.replace(changed, active=after not in ENDED))
                where = {Milestone.DEPARTED: SCENE, Milestone.LEFT_SCENE: FULL}
                if command.milestone in where:
                    platform.say(Fixes(fixes=(fix(where[command.milestone]),), doubted=()))
            case c.SetDestination():
                platform.put(msgspec.structs.replace(run(), destination_id=command.hospital_id))
            case c.RegisterPatient():
                platform.put(patient(command.patient_id, age_y=command.age_y))
            case c.PreAlert():
                state = "declined" if next(declined) == 0 else "sent"
                where_to = command.hospital_id
                platform.put(handover(command.handover_id, state, hospital_id=where_to))
            case c.Sign():
                both = {side: SignatureRow(name="x", at_ms=1) for side in ("crew", "hospital")}
                platform.put(
                    handover(command.handover_id, "handed_over", hospital_id="h2", signatures=both)
                )
            case _:
                pytest.fail(f"a crew never says {command}")

    platform.on_command = obey


@asynccontextmanager
async def crews(platform: Platform) -> AsyncIterator[None]:
    config = CrewsConfig(
        crews=(account(platform),), habits=HABITS.crew, ca_file=None, time_factor=1e6
    )
    entropy = Random(1).randbytes
    async with running(run_crews(config, clock=Ticking(), entropy=entropy, rng=Random(1))):
        yield


async def test_a_crew_runs_a_whole_run_and_is_declined_once() -> None:
    async with serving() as platform:
        hospital_and_road(platform)
        async with crews(platform):
            await platform.until(
                lambda: any(r.milestone == Milestone.CLEARED for r in of_kind(platform, c.Reach))
            )
    said = platform.list_done()
    assert [type(command) for command in said] == [
        c.Reach, c.Reach, c.Reach, c.Reach, c.RegisterPatient, c.Reach,
        c.SetDestination, c.PreAlert, c.SetDestination, c.PreAlert, c.Reach, c.Reach,
        c.Sign, c.Reach, c.Reach,
    ]  # fmt: skip
    reached = of_kind(platform, c.Reach)
    assert [one.milestone for one in reached] == list(REACHED)
    assert {one.source for one in reached} == {Source.CREW}
    # The nearer one is full, and the farther one declines: better full than nowhere.
    assert [one.hospital_id for one in of_kind(platform, c.SetDestination)] == ["h1", "h2"]
    assert of_kind(platform, c.Sign)[0].name == "crew1"


async def test_the_platforms_ranking_counts_before_the_distance() -> None:
    async with serving() as platform:
        hospital_and_road(platform)
        ranking = [
            {"hospital_id": "h3", "eta_s": 240, "diverting": False, "name": "三院"},
            {"hospital_id": "h1", "eta_s": 60, "diverting": False, "name": "一院"},
        ]
        platform.routes["GET /api/hospitals/rank?mission_id=m1&needs="] = (200, ranking)
        async with crews(platform):
            await platform.until(lambda: of_kind(platform, c.PreAlert))
    alert = of_kind(platform, c.PreAlert)[0]
    assert (alert.hospital_id, alert.eta_s) == ("h3", 240)


async def test_a_run_that_a_person_touches_is_theirs_and_the_next_one_is_not() -> None:
    async with serving() as platform:
        hospital_and_road(platform)
        obey = platform.on_command

        def with_a_person(command: c.Command) -> None:
            if isinstance(command, c.Reach) and command.milestone == Milestone.DEPARTED:
                run = mission(state="at_patient", nodes=(node(Milestone.ON_SCENE),))
                platform.put(run)
                platform.put(patient("p9"))
            elif command.mission_id == "m1":  # type: ignore[union-attr] # a crew says nothing else
                obey(command)

        platform.on_command = with_a_person
        async with crews(platform):
            await platform.until(lambda: len(platform.list_done()) == 2)
            await some_turns(platform)  # in which the patient would be loaded
            platform.put(mission(state="stood_down"), mission("m2", assigned_ms=2_000))
            await platform.until(
                lambda: any(r.mission_id == "m2" for r in of_kind(platform, c.Reach))
            )
    missions = [one.mission_id for one in of_kind(platform, c.Reach)]
    assert missions == ["m1", "m1", "m2"]


async def test_a_crew_that_is_refused_leaves_the_run_to_whoever_was_faster() -> None:
    async with serving() as platform:
        hospital_and_road(platform)
        platform.refusals["mission.reach"] = "milestone_already_set"
        async with crews(platform):
            await platform.until(lambda: platform.heard)
            platform.refusals.clear()
            pressed = mission(state="acknowledged", nodes=(node(Milestone.ACKNOWLEDGED),))
            platform.put(pressed)
            await some_turns(platform)
            platform.put(mission(state="stood_down"), mission("m2", assigned_ms=2_000))
            await platform.until(lambda: of_kind(platform, c.Reach))
    heard = [command.mission_id for _, command in platform.heard if isinstance(command, c.Reach)]
    assert heard[:2] == ["m1", "m2"]


async def test_without_units_there_is_no_crew() -> None:
    config = CrewsConfig(crews=(), habits=HABITS.crew, ca_file=None)
    await run_crews(config, clock=Ticking(), entropy=Random(1).randbytes, rng=Random(1))
