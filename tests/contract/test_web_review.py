"""Looking back over the web: who may, what is paged, what is on the access log."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from factories.full_record import full_record
from factories.match_truth import town
from factories.office import Office, opened, person
from factories.whole_case import vitals, whole_case
from goldenhour.adapters.postgres import evidence
from goldenhour.adapters.postgres.painted import OPEN_BEFORE_MS, RETENTION_MS, PostgresPainted
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.postgres.ways import PostgresWays
from goldenhour.adapters.routing.matching import RoadMatching
from goldenhour.adapters.web import review_routes
from goldenhour.adapters.web.identity import principal_of_person
from goldenhour.adapters.web.review_routes import LONGEST_PERIOD_MS, READ_MS
from goldenhour.app import review
from goldenhour.app.access import Role
from goldenhour.app.ways import PAGE_MS, KeptWay
from goldenhour.compute.roads import Snapper
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.review.track import MatchedWay
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.main import verify
from goldenhour.views.desk import TOLD

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


async def ask(office: Office, username: str, path: str) -> tuple[int, Any]:
    answer = await office.client.get(path, headers=await office.cookie(username))
    return answer.status_code, answer.json()


async def log_of(office: Office) -> list[tuple[str, str, str]]:
    async with office.database.system() as connection:
        cursor = await connection.execute("select person, action, subject from access_log")
        return [(str(a), str(b), str(s)) for a, b, s in await cursor.fetchall()]


def fix(at_ms: int, *, late_ms: int = 300) -> Fix:
    return Fix(
        unit_id="A-01",
        point=Point(lat=50.86, lon=9.70 + (at_ms % 10_000_000) / 1e9),
        speed_kmh=40.0,
        heading_deg=90,
        altitude_m=0,
        device_ms=at_ms,
        received_ms=at_ms + late_ms,
        catch_up=late_ms > 10_000,
        mileage_km=None,
        satellites=9,
        alarms=(),
    )


async def mission_of(office: Office, incident_id: str) -> str:
    _status, played = await ask(office, "quality", f"/api/cases/{incident_id}/replay")
    return str(played["choices"][0]["mission_id"])


@pytest.mark.parametrize(
    ("path", "readers"),
    [
        ("/api/cases/{incident}/timeline", {"dispatcher", "supervisor", "quality"}),
        ("/api/cases/{incident}/replay", {"dispatcher", "supervisor", "quality"}),
        ("/api/missions/{mission}/track", {"dispatcher", "supervisor", "quality"}),
        ("/api/missions/{mission}/vitals", {"dispatcher", "supervisor", "quality"}),
        ("/api/cases/{incident}/painted?event=incident:{incident}@1", {"supervisor", "quality"}),
        ("/api/cases/{incident}/evidence", {"quality"}),
    ],
)
async def test_who_may_look_back(database: Database, path: str, readers: set[str]) -> None:
    async with opened(database, proofs=KEY) as office:
        incident_id = await whole_case(office.world)
        await office.pump()
        mission_id = await mission_of(office, incident_id)
        asked = path.format(incident=incident_id, mission=mission_id)
        await office.accounts.put_person(person("police", Role.POLICE, "city"), 0)
        for username in ("dispatcher", "supervisor", "quality", "crew1", "hospital1", "police"):
            answer = await office.client.get(asked, headers=await office.cookie(username))
            assert answer.status_code == (200 if username in readers else 403), username
        # Of another centre, and without a session: no case and no door.
        foreign = await office.client.get(asked, headers=await office.cookie("county"))
        assert foreign.status_code == (404 if "dispatcher" in readers else 403)
        assert (await office.client.get(asked)).status_code == 401


async def test_a_replay_by_both_clocks_tells_what_came_late(office: Office) -> None:
    world = office.world
    await world.list_unit()
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.DEPARTED)
    arrived_ms = world.clock.at_ms + 20_000
    world.clock.at_ms += 200_000
    await world.accept(
        c.Reach(
            mission_id=mission_id,
            milestone=Milestone.ON_SCENE,
            source=Source.CREW,
            at_ms=arrived_ms,
        ),
        role="crew",
    )
    await office.pump()
    by_clock = {}
    for clock in ("happened", "seen"):
        status, answer = await ask(
            office, "quality", f"/api/cases/{incident_id}/replay?clock={clock}"
        )
        assert status == 200
        assert answer["frames"][-1]["at_ms"] == answer["ended_ms"]
        rows = [
            (f["at_ms"], f["late_ms"])
            for f in answer["frames"]
            for row in f["put"]
            if row["table"] == "missions" and row["state"] == "on_scene"
        ]
        by_clock[clock] = rows[0]
    assert by_clock == {
        "happened": (arrived_ms, 180_000),
        "seen": (arrived_ms + 180_000, 180_000),
    }
    assert (await ask(office, "quality", f"/api/cases/{incident_id}/replay?clock=mine"))[0] == 400
    assert ("quality", "case.replay", incident_id) in await log_of(office)


async def test_a_track_is_of_its_run_only_in_pages_and_thinned(office: Office) -> None:
    world, telemetry = office.world, PostgresTelemetry(office.database)
    await world.list_unit()
    _call, incident_id = await world.open_incident()
    begun_ms = world.clock.at_ms
    mission_id = await world.assign(incident_id)
    live = [fix(begun_ms + n * 1_000) for n in range(-60, 120)]
    caught = [fix(begun_ms + 500_000 + n * 1_000, late_ms=60_000) for n in range(20)]
    later = [fix(begun_ms + PAGE_MS + 5_000)]
    await telemetry.append_fixes([*live, *caught, *later])
    world.clock.at_ms = begun_ms + PAGE_MS + 60_000
    path = f"/api/missions/{mission_id}/track"
    status, page = await ask(office, "dispatcher", path)
    assert (status, page["call_sign"], page["stored"]) == (200, "A-01", 140)
    assert page["fixes"][0]["at_ms"] == begun_ms
    assert len(page["fixes"]) < 30
    gap = [f for f in page["fixes"] if f["after_gap"]]
    assert [f["at_ms"] for f in gap] == [begun_ms + 500_000]
    assert gap[0]["catch_up"]
    assert gap[0]["received_ms"] == begun_ms + 560_000
    assert page["next_ms"] == begun_ms + PAGE_MS
    _status, last = await ask(office, "dispatcher", f"{path}?from_ms={page['next_ms']}")
    assert [f["at_ms"] for f in last["fixes"]] == [begun_ms + PAGE_MS + 5_000]
    assert last["next_ms"] is None
    assert (await ask(office, "dispatcher", "/api/missions/nobody/track"))[0] == 404


async def test_a_run_along_the_streets(database: Database) -> None:
    network = town([([(0, 0), (4_000, 0)], True)])
    matching = RoadMatching(network, Snapper(network))
    async with opened(database, matching=matching) as office:
        world, telemetry = office.world, PostgresTelemetry(office.database)
        await world.list_unit()
        _call, incident_id = await world.open_incident()
        begun_ms = world.clock.at_ms
        mission_id = await world.assign(incident_id)
        fixes = [
            replace(fix(begun_ms + n * 1_000), point=Point(lat=2e-5, lon=n * 2e-4))
            for n in range(100)
        ]
        await telemetry.append_fixes([*fixes, fix(begun_ms + 100_000)])  # the last one is far off
        world.clock.at_ms = begun_ms + 200_000
        path = f"/api/missions/{mission_id}/matched"
        _status, before = await ask(office, "quality", f"/api/missions/{mission_id}/track")
        status, page = await ask(office, "quality", path)
        assert (status, page["stored"], page["next_ms"]) == (200, 101, None)
        way = page["way"]
        assert (way["used"], way["matched"], len(way["unmatched"])) == (101, 100, 1)
        (stretch,) = way["stretches"]
        assert stretch["driven_m"] == pytest.approx(99 * 22.24, rel=0.01)
        assert {round(p["lat"], 9) for s in stretch["steps"] for p in s["points"]} == {0.0}
        # The positions themselves are as they were.
        assert (await ask(office, "quality", f"/api/missions/{mission_id}/track"))[1] == before
        assert (await ask(office, "crew1", path))[0] == 403
        assert (await ask(office, "county", path))[0] == 404


async def test_the_way_that_was_kept_is_given_until_more_positions_come(database: Database) -> None:
    network = town([([(0, 0), (4_000, 0)], True)])
    matching = RoadMatching(network, Snapper(network))
    async with opened(database, matching=matching) as office:
        world, telemetry = office.world, PostgresTelemetry(database)
        await world.list_unit()
        _call, incident_id = await world.open_incident()
        begun_ms = world.clock.at_ms
        mission_id = await world.assign(incident_id)
        along = [
            replace(fix(begun_ms + n * 1_000), point=Point(lat=2e-5, lon=n * 2e-4))
            for n in range(100)
        ]
        await telemetry.append_fixes(along[:90])
        world.clock.at_ms = begun_ms + 200_000
        await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
        ways, path = PostgresWays(database), f"/api/missions/{mission_id}/matched"
        _status, asked = await ask(office, "quality", path)
        kept = KeptWay(
            matched_ms=world.clock.at_ms + 5,
            network="roads",
            stored=90,
            way=MatchedWay(stretches=(), unmatched=(), used=90, matched=42),
        )
        await ways.put(mission_id, begun_ms, kept)
        await ways.put(mission_id, begun_ms, replace(kept, matched_ms=1))  # the first one stays
        assert await ways.list_kept([mission_id, "another"]) == {mission_id}
        _status, given = await ask(office, "quality", path)
        assert (given["matched_ms"], given["way"]["matched"]) == (kept.matched_ms, 42)
        await telemetry.append_fixes(along[90:])  # held back by its vehicle until now
        _status, anew = await ask(office, "quality", path)
        assert (anew["stored"], anew["way"]["matched"]) == (100, 100)
        assert anew["matched_ms"] == world.clock.at_ms
        assert asked["way"]["matched"] == 90
        async with database.system() as connection:
            await connection.execute(b"insert into matched_way values ('torn', 1, 'x')")
        assert await ways.find("torn", 1) is None


async def test_without_a_road_graph_no_way_is_matched(office: Office) -> None:
    status, problem = await ask(office, "quality", "/api/missions/nobody/matched")
    assert (status, problem["code"]) == (503, "no_roads")


async def test_vital_signs_of_a_run(office: Office) -> None:
    incident_id = await whole_case(office.world)
    mission_id = await mission_of(office, incident_id)
    at_ms = office.world.clock.at_ms - 300_000
    telemetry = PostgresTelemetry(office.database)
    await telemetry.append_numerics([vitals(at_ms), vitals(at_ms - 10 * PAGE_MS)])
    _status, found = await ask(office, "quality", f"/api/missions/{mission_id}/vitals")
    assert found["stored"] == 1
    assert {(r["sign"], r["at_ms"], r["value"]) for r in found["readings"]} >= {
        ("spo2", at_ms, 93.0)
    }


async def test_what_each_seat_had_shown_of_an_event(database: Database) -> None:
    async with opened(database, proofs=KEY) as office:
        paintings = PostgresPainted(database)
        people = {p.username: principal_of_person(p) for p in await office.accounts.list_people()}
        _call, incident_id = await office.world.open_incident()
        event = f"/api/cases/{incident_id}/painted?event=incident:{incident_id}@1"
        assert (await ask(office, "quality", event))[1]["delivery"] is None
        await office.pump()
        _status, asked = await ask(office, "quality", event)
        number, heard_ms = asked["delivery"], asked["received_ms"]
        assert asked["seats"] == []
        for username, delivery, after_ms in (
            ("dispatcher", number - 1, -2_000),
            ("dispatcher", number, 900),
            ("dispatcher", number + 4, 2_000),
            ("supervisor", number - 1, -3_000),  # its screen stood still
            ("county", number + 1, 800),  # cannot read the case, so it never showed it
            ("hospital1", number + 1, 700),
            ("quality", number + 9, -OPEN_BEFORE_MS - 1),  # too long before
        ):
            await paintings.record(people[username], delivery, heard_ms + after_ms)
        _status, found = await ask(office, "supervisor", event)
        assert [(s["seat"], s["at_ms"], s["before"]) for s in found["seats"]] == [
            ("dispatcher", heard_ms + 900, number - 1),
            ("supervisor", None, number - 1),
        ]
        for odd in ("incident:nobody@1", f"incident:{incident_id}@99", f"incident:{incident_id}"):
            path = f"/api/cases/{incident_id}/painted?event={odd}"
            assert (await ask(office, "quality", path))[0] == 404
        assert await paintings.prune(heard_ms + RETENTION_MS) == 3
        assert await paintings.prune(heard_ms + RETENTION_MS) == 0


async def test_evidence_is_whole_logged_and_of_ones_own_centre(
    database: Database, tmp_path: Path
) -> None:
    async with opened(database, proofs=KEY) as office:
        incident_id = await whole_case(office.world)
        await office.pump()
        await evidence.make_root(database, KEY, 1)
        await evidence.write_outside(database, KEY, tmp_path / "roots")
        answer = await office.client.get(
            f"/api/cases/{incident_id}/evidence", headers=await office.cookie("quality")
        )
        assert answer.status_code == 200
        assert "attachment" in answer.headers["content-disposition"]
        found = verify.Check(answer.content, verify.read_roots([str(tmp_path / "roots")]))
        assert found.findings == []
        assert f"incident:{incident_id}".encode() in found.heads
        assert ("quality", "evidence.export", incident_id) in await log_of(office)
    async with opened(database) as without_key:
        answer = await without_key.client.get(
            f"/api/cases/{incident_id}/evidence", headers=await without_key.cookie("quality")
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "no_evidence")


async def test_an_indicator_told_apart(office: Office) -> None:
    begun_ms = office.world.clock.at_ms
    incident_id = await whole_case(office.world)
    await office.pump()
    period = f"from_ms={begun_ms}&to_ms={office.world.clock.at_ms + 1}"
    path = f"/api/kpis/departure_3min?{period}&by=station"
    status, found = await ask(office, "quality", path)
    assert status == 200
    assert [(g["key"], g["figure"]["numerator"]) for g in found["groups"]] == [("一站", 1)]
    assert [m["incident_id"] for m in found["measures"]] == [incident_id]
    assert found["kpi"]["sign_off"] == "unsigned"
    assert found["limit_s"] == 180
    assert msgspec.json.encode(found["bins"])
    for odd in (f"/api/kpis/nothing?{period}", f"/api/kpis/answer_10s?{period}&by=unit"):
        assert (await ask(office, "quality", odd))[0] == 404
    assert (await ask(office, "quality", "/api/kpis/answer_10s?from_ms=1&to_ms=9999999999999"))[1][
        "code"
    ] == "period_too_long"
    assert (await ask(office, "crew1", path))[0] == 403


@pytest.mark.parametrize(
    ("username", "judges"), [("dispatcher", False), ("supervisor", True), ("quality", True)]
)
async def test_a_dispatcher_sees_no_record_and_no_portrait_afterwards_either(
    office: Office, username: str, judges: bool
) -> None:
    await full_record(office.world)
    _status, (case,) = await ask(office, username, "/api/cases")
    path = f"/api/cases/{case['incident_id']}"
    _status, told = await ask(office, username, f"{path}/timeline")
    kinds = {e["kind"] for e in told["events"] if e["stream"].startswith("patient:")}
    assert "patient.registered.v1" in kinds
    assert ("patient.drug_given.v1" in kinds, "patient.portrait_asked.v1" in kinds) == (judges,) * 2
    assert judges or kinds <= TOLD
    _status, found = await ask(office, username, f"{path}/patients")
    (patient,) = found["patients"]
    assert (patient["age_y"], patient["level"]) == (63, "II")
    assert len(found["handovers"]) == 1
    frames: list[dict[str, Any]] = []
    for clock in ("happened", "seen"):
        _status, played = await ask(office, username, f"{path}/replay?clock={clock}")
        frames += played["frames"]
    played_rows = [row for f in frames for row in f["put"] if row["table"] == "patients"]
    assert played_rows[-1]["age_y"] == 63
    for rows in ([patient], played_rows):
        for part in ("fields", "entries", "sheets"):
            assert any(row["record"][part] for row in rows) == judges, part
        assert any(row["portrait"] for row in rows) == judges


@pytest.mark.parametrize("path", ["/api/cases?", "/api/kpis?", "/api/kpis/answer_10s?by=hour&"])
async def test_a_period_is_at_most_a_month(office: Office, path: str) -> None:
    to_ms = office.world.clock.at_ms
    from_ms = to_ms - LONGEST_PERIOD_MS
    status, _found = await ask(office, "quality", f"{path}from_ms={from_ms}&to_ms={to_ms}")
    assert status == 200
    status, problem = await ask(office, "quality", f"{path}from_ms={from_ms - 1}&to_ms={to_ms}")
    assert (status, problem["code"], problem["field"]) == (400, "period_too_long", "from_ms")


async def test_cases_are_read_in_parts_and_folded_beside_the_loop(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded_in: list[int] = []
    true = review.case_list

    def watched(*given: Any, **named: Any) -> Any:
        folded_in.append(threading.get_ident())
        return true(*given, **named)

    monkeypatch.setattr(review, "case_list", watched)
    monkeypatch.setattr(review_routes, "CASES_AT_ONCE", 1)
    opened_ids = []
    for _ in range(3):
        _call, incident_id = await office.world.open_incident()
        opened_ids.append(incident_id)
        office.world.clock.at_ms += READ_MS
    _status, found = await ask(office, "quality", "/api/cases")
    assert [case["incident_id"] for case in found] == opened_ids[::-1]
    assert len(folded_in) == 3
    assert threading.get_ident() not in folded_in
    _status, kpis = await ask(office, "quality", "/api/kpis")
    assert {kpi["n"] for kpi in kpis if kpi["code"] == "answer_10s"} == {3}
