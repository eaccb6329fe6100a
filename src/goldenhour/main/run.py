"""`goldenhour run`: everything of a node, from nothing, in one command.

Rule 1: every step says what it does; every fault says what to do about it.
Rule 2: this process holds no business: it builds what is missing, starts the others and watches.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec
import psycopg

from goldenhour.adapters.postgres.embedded import EmbeddedError, EmbeddedServer, embedded
from goldenhour.adapters.postgres.migrate import MigrationError, migrate
from goldenhour.app.access import Role
from goldenhour.app.accounts import DemoAccount
from goldenhour.app.devices import Vehicle
from goldenhour.main.callback_platform import use_callback_double
from goldenhour.main.city import ensure_city
from goldenhour.main.city_file import read_city
from goldenhour.main.demo_file import DEMO_FILE, write_doubles
from goldenhour.main.demo_names import (
    camera_number,
    edge_key,
    meter_id,
    monitor_id,
    scanner_title,
)
from goldenhour.main.node import open_node
from goldenhour.main.ports_check import list_faults
from goldenhour.main.register import load_city
from goldenhour.main.residents import use_residents_double
from goldenhour.main.road_feed_double import use_road_feed_double
from goldenhour.main.seed import refuse_another_city, seed_demo, seed_devices, seed_seat
from goldenhour.main.settings import Settings, World
from goldenhour.main.supervisor import (
    Child,
    ReadyHttp,
    Supervisor,
    SupervisorError,
)
from goldenhour.main.tls import certificate_of, refuse_foreign_name
from goldenhour.main.vehicle_file import SEAT_FILE, VEHICLES_FILE, read_vehicles
from goldenhour.simulator.meters import MeterKind

DATABASE = "goldenhour"
SECRET_FILE = "demo-secret"  # noqa: S105 (the name of a file)


def run(
    settings: Settings,
    *,
    source: Path | None,
    overrides: Path | None,
    town: bool,
    alone: bool,
    seat: bool = False,
) -> None:
    """Build, migrate, seed, start, watch. Raises SystemExit with a plain sentence.

    `alone`: nobody is simulated but callers and devices; every seat waits for a person.
    `seat`: the centre's fallback seat runs as well, with a board and roads of its own in memory.
    """
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {text}", flush=True)

    # The demo of `make run` is a simulation world; a live one is configured and has no doubles.
    settings = msgspec.structs.replace(settings, world=World.SIMULATION, demo=True)
    ports = {
        "https_port": settings.https_port,
        "jt808_port": settings.jt808_port,
        "mllp_port": settings.mllp_port,
        "ecg_port": settings.ecg_port,
        "dicom_port": settings.dicom_port,
        "video_port": settings.video_port,
        "edge_port": settings.edge_port,
        "residents_port": settings.residents_port,
        "callback_port": settings.callback_port,
        "card_reader_port": settings.card_reader_port,
        "road_feed_port": settings.road_feed_port,
    }
    if seat:
        ports["seat_port"] = settings.seat_port
    faults = list_faults(host=settings.host, ports=ports, state=settings.state_dir)
    if faults:
        raise SystemExit("\n".join(faults))
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    ensure_city(settings.city_dir, source=source, overrides=overrides, town=town, say=say)
    certificate = certificate_of(settings)
    refuse_foreign_name(settings)
    with ExitStack() as stack:
        tick: Callable[[], object] = lambda: None  # noqa: E731 (a server of somebody else needs no care)
        if settings.database_url is None:
            say("starting the embedded PostgreSQL")
            try:
                server = stack.enter_context(embedded(settings.state_dir / "postgres"))
            except EmbeddedError as error:
                raise SystemExit(str(error)) from error
            settings = msgspec.structs.replace(settings, database_url=_ensure_database(server))
            tick = server.revive
        assert settings.database_url is not None
        try:
            for name in migrate(settings.database_url):
                say(f"migrated {name}")
        except (MigrationError, psycopg.OperationalError) as error:
            raise SystemExit(f"The database cannot be used: {error}") from error
        accounts = asyncio.run(_seed(settings, say, seat=seat))
        settings = use_residents_double(settings, certificate.ca)
        settings = use_callback_double(settings, certificate.ca)
        settings = use_road_feed_double(settings, certificate.ca)
        write_doubles(settings, alone=alone)
        supervisor = Supervisor(
            _children(settings, certificate.ca, alone=alone, seat=seat),
            tick=tick,
            on_ready=lambda: _welcome(settings, accounts, say, alone=alone, seat=seat),
        )
        try:
            supervisor.run()
        except SupervisorError as error:
            raise SystemExit(str(error)) from error
    print("stopped", flush=True)


def _ensure_database(server: EmbeddedServer) -> str:
    with psycopg.connect(server.conninfo("postgres", "postgres"), autocommit=True) as connection:
        found = connection.execute(
            "select 1 from pg_database where datname = %s", (DATABASE,)
        ).fetchone()
        if not found:
            connection.execute(f"create database {DATABASE}")
    return server.conninfo("postgres", DATABASE)


async def _seed(
    settings: Settings, say: Callable[[str], None], *, seat: bool
) -> tuple[DemoAccount, ...]:
    """The register of the city and, for the demo, people and devices."""
    city = read_city(settings.city_dir)
    if city is None:
        return ()
    secret_path = settings.state_dir / SECRET_FILE
    if not secret_path.exists():
        secret_path.write_text(secrets.token_hex(32), encoding="utf-8")
        secret_path.chmod(0o600)
    secret = secret_path.read_text(encoding="utf-8")
    async with open_node(settings, pool=2) as node:
        say(f"city: {city.name}, {len(city.units)} units, {len(city.hospitals)} hospitals")
        now_ms = node.clock.now_ms()
        await refuse_another_city(city, node.accounts, settings.state_dir)
        await load_city(city, node.accounts, node.world, now_ms)
        await seed_devices(city, node.accounts, secret)
        if seat:
            declared = await seed_seat(node.accounts, secret)
            path = settings.state_dir / SEAT_FILE
            path.write_bytes(msgspec.json.encode(declared))
            path.chmod(0o600)
        edge_url = f"https://localhost:{settings.edge_port}/crew"
        accounts = await seed_demo(city, node.accounts, node.world, now_ms, edge_url)
    vehicles = tuple(
        Vehicle(
            unit_id=unit.id,
            call_sign=unit.call_sign,
            key=edge_key(unit, secret),
            monitors=(monitor_id(number), *(meter_id(number, kind) for kind in MeterKind)),
            scanners=(scanner_title(number),),
            cameras=(camera_number(number),) if settings.demo_cameras else (),
            card_reader_port=settings.card_reader_port,
        )
        for number, unit in enumerate(city.units, start=1)
    )
    path = settings.state_dir / VEHICLES_FILE
    path.write_bytes(msgspec.json.encode(vehicles))
    path.chmod(0o600)
    (settings.state_dir / DEMO_FILE).write_bytes(msgspec.json.encode(accounts))
    return accounts


MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}
"""For glibc. Each TLS connection takes a quarter of a megabyte for a moment; kept on the heap,
among small things that stay, its hole is never filled: 340 of 500 MB after 20 minutes of a city."""


def _children(settings: Settings, ca: Path, *, alone: bool, seat: bool) -> list[Child]:
    """In the order of starting; they stop in reverse."""
    env = MEMORY | {
        "GOLDENHOUR_STATE": settings.state,
        "GOLDENHOUR_DATABASE_URL": settings.database_url or "",
        "GOLDENHOUR_WORLD": settings.world,
        "GOLDENHOUR_DEMO": "true",
        "GOLDENHOUR_HOST": settings.host,
        "GOLDENHOUR_HTTPS_PORT": str(settings.https_port),
        "GOLDENHOUR_JT808_PORT": str(settings.jt808_port),
        # The demo's terminals live on this host and keep no key.
        "GOLDENHOUR_JT808_GATEWAYS": settings.jt808_gateways or "127.0.0.0/8,::1/128",
        "GOLDENHOUR_MLLP_PORT": str(settings.mllp_port),
        "GOLDENHOUR_ECG_PORT": str(settings.ecg_port),
        "GOLDENHOUR_DICOM_PORT": str(settings.dicom_port),
        "GOLDENHOUR_DICOM_TITLE": settings.dicom_title,
        "GOLDENHOUR_VIDEO_PORT": str(settings.video_port),
        "GOLDENHOUR_EDGE_PORT": str(settings.edge_port),
        "GOLDENHOUR_SEAT_PORT": str(settings.seat_port),
        "GOLDENHOUR_RESIDENTS_PORT": str(settings.residents_port),
        "GOLDENHOUR_CARD_READER_PORT": str(settings.card_reader_port),
        "GOLDENHOUR_RESIDENTS_URL": settings.residents_url,
        "GOLDENHOUR_RESIDENTS_TOKEN_FILE": settings.residents_token_file,
        "GOLDENHOUR_RESIDENTS_CA": settings.residents_ca,
        "GOLDENHOUR_MASK_CALLERS": str(settings.mask_callers).lower(),
        "GOLDENHOUR_CALLBACK_PORT": str(settings.callback_port),
        "GOLDENHOUR_CALLBACK_URL": settings.callback_url,
        "GOLDENHOUR_CALLBACK_TOKEN_FILE": settings.callback_token_file,
        "GOLDENHOUR_CALLBACK_CA": settings.callback_ca,
        "GOLDENHOUR_ROAD_FEED_PORT": str(settings.road_feed_port),
        "GOLDENHOUR_ROAD_FEED_URL": settings.road_feed_url,
        "GOLDENHOUR_ROAD_FEED_TOKEN_FILE": settings.road_feed_token_file,
        "GOLDENHOUR_ROAD_FEED_CA": settings.road_feed_ca,
        "GOLDENHOUR_ROAD_FEED_DATUM": settings.road_feed_datum,
    }
    program = (sys.executable, "-m", "goldenhour.main.cli")
    centre = f"https://localhost:{settings.https_port}"
    vehicle = f"https://localhost:{settings.edge_port}"

    def child(
        name: str, *arguments: str, ready: ReadyHttp | None = None, beside: bool = False
    ) -> Child:
        return Child(name=name, command=(*program, *arguments), env=env, ready=ready, beside=beside)

    children = [
        child("worker", "serve", "worker"),
        child("gateway", "serve", "gateway"),
        child("learner", "serve", "learner"),
        child("api", "serve", "api", ready=ReadyHttp(url=f"{centre}/health/ready", ca=str(ca))),
    ]
    fleet = settings.state_dir / VEHICLES_FILE
    if fleet.exists() and read_vehicles(fleet):
        ready = ReadyHttp(url=f"{vehicle}/health/ready", ca=str(ca))
        children += [
            # A vehicle works without its centre, so it need not wait for it either.
            child(
                "edge",
                "edge",
                "--centre",
                settings.centre_url or centre,
                ready=ready,
                beside=True,
            ),
            child("terminals", "simulate", "terminals"),
            child("monitors", "simulate", "monitors"),
            child("ecg", "simulate", "ecg"),
            child("ultrasound", "simulate", "ultrasound"),
            child("card-reader", "simulate", "card-reader"),
        ]
    if fleet.exists():
        children += [
            child("residents", "simulate", "residents"),
            child("callbacks", "simulate", "callbacks"),
            child("roads", "simulate", "roads", *(() if alone else ("--lively",))),
            child("people", "simulate", "callers" if alone else "people"),
        ]
    if seat and (settings.state_dir / SEAT_FILE).exists():
        url = f"https://localhost:{settings.seat_port}/health/ready"
        ready = ReadyHttp(url=url, ca=str(ca))
        children.append(
            child(
                "seat", "seat", "--centre", settings.centre_url or centre, ready=ready, beside=True
            )
        )
    return children


def _welcome(
    settings: Settings,
    accounts: tuple[DemoAccount, ...],
    say: Callable[[str], None],
    *,
    alone: bool,
    seat: bool,
) -> None:
    say("ready")
    print(f"\n  GoldenHour 黄金时间: https://localhost:{settings.https_port}")
    if any(account.role == Role.CREW for account in accounts):
        print(f"  crew consoles:       https://localhost:{settings.edge_port}/crew")
    if seat:
        print(f"  fallback seat:       https://localhost:{settings.seat_port}/dispatcher")
    people = "" if alone else " dispatchers, crews, hospital desks,"
    print(f"  DEMO: callers,{people} terminals, monitors, ECG,")
    print("  ultrasound, residents, identity cards, calls back, shut roads are doubles.")
    print("  The accounts below skip the second factor. The browser warns until you trust /ca.crt")
    print("  of this address.\n")
    # A city has dozens of crews and hospitals: one login a role; the page lists the others.
    firsts = {account.role: account for account in reversed(accounts)}
    for account in reversed(firsts.values()):
        print(f"  {account.role:<12} {account.username:<16} {account.password}   {account.name}")
    if len(firsts) < len(accounts):
        print(f"  and {len(accounts) - len(firsts)} more on the login page and in {DEMO_FILE}")
    print("\n  Ctrl-C stops everything.", flush=True)
