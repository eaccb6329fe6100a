"""The doubles of the outside world, each kind in one process of its own."""

import asyncio
import os
import random

from goldenhour.content.facts import load_facts
from goldenhour.domain.register.city import City
from goldenhour.main.city_file import read_city
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.demo_file import find_recording, refuse_live
from goldenhour.main.demo_names import (
    DEMO_PASSWORD,
    SIMULATED_SEATS,
    camera_number,
    meter_id,
    monitor_id,
    simulated_seat,
)
from goldenhour.main.settings import Settings
from goldenhour.simulator.api import ApiClient, CrewAccount
from goldenhour.simulator.caller import CallersConfig, run_callers
from goldenhour.simulator.cameras import CamerasConfig, load_recording, on_runs, run_cameras
from goldenhour.simulator.cameras import Trouble as CameraTrouble
from goldenhour.simulator.demand import expected_calls_per_day, load_habits
from goldenhour.simulator.drivers import DriversConfig, EdgePlans
from goldenhour.simulator.meters import MeterConfig, MeterKind, MeterTrouble, draw, send
from goldenhour.simulator.monitor import MonitorDouble, MonitorsConfig, Profile, run_monitors
from goldenhour.simulator.people import Account, PeopleConfig, run_people
from goldenhour.simulator.terminals import TerminalsConfig, list_terminals, run_terminals
from goldenhour.simulator.wearing import worn_on_runs

REPORTS_PER_S = 6


async def run_double(kind: str, settings: Settings, trouble: str | None = None) -> None:
    refuse_live(settings)
    city = read_city(settings.city_dir)
    if city is None:
        raise SystemExit(f"There is no city in {settings.city_dir}.")
    clock, rng = SystemClock(), random.Random()  # noqa: S311 (a simulation, no secret)
    ca_file = settings.trusted_ca
    centre = f"https://localhost:{settings.https_port}"
    vehicle = f"https://localhost:{settings.edge_port}"
    match kind:
        case "terminals":
            stations = {station.id: station for station in city.stations}
            homes = {unit.id: stations[unit.station_id].point for unit in city.units}
            drivers = DriversConfig(crews=_crews(city, vehicle), ca_file=ca_file)
            plans = EdgePlans(drivers, load_habits(), clock=clock, entropy=entropy)
            config = TerminalsConfig(
                host="127.0.0.1", port=settings.jt808_port, terminals=list_terminals(homes)
            )
            async with asyncio.TaskGroup() as group:
                group.create_task(plans.run())
                group.create_task(run_terminals(config, plan=plans, clock=clock, rng=rng))
        case "monitors":
            profiles = list(Profile)
            monitors = tuple(
                MonitorDouble(
                    device_id=monitor_id(number), profile=profiles[number % len(profiles)]
                )
                for number, _unit in enumerate(city.units, start=1)
            )
            await run_monitors(
                MonitorsConfig(
                    host="127.0.0.1",
                    port=settings.mllp_port,
                    monitors=monitors,
                    # One computer stands for all vehicles of the demo and syncs every report.
                    period_s=max(1.0, len(monitors) / REPORTS_PER_S),
                ),
                clock=clock,
                rng=rng,
            )
        case "people":
            habits = load_habits()
            config_of_people = PeopleConfig(
                centre_url=centre,
                ca_file=ca_file,
                password=DEMO_PASSWORD,
                caller="caller",
                seats=tuple(
                    Account(username=simulated_seat(seat), subject=seat) for seat in SIMULATED_SEATS
                ),
                hospitals=tuple(
                    Account(username=f"hospital{number}", subject=hospital.id)
                    for number, hospital in enumerate(city.hospitals, start=1)
                ),
                crews=_crews(city, vehicle),
                calls_per_day=expected_calls_per_day(city, habits),
                seed=rng.getrandbits(32),
            )
            await run_people(
                config_of_people,
                city=city,
                protocol=load_facts().triage.protocol,
                habits=habits,
                clock=clock,
                entropy=entropy,
            )
        case "ecg":
            from goldenhour.simulator.ecg_source import (  # noqa: PLC0415 (it takes a second to load)
                EcgSource,
                EcgSourcesConfig,
                run_sources,
            )

            devices = {
                unit.id: monitor_id(number) for number, unit in enumerate(city.units, start=1)
            }
            sources = EcgSourcesConfig(
                host="127.0.0.1",
                port=settings.ecg_port,
                sources=tuple(EcgSource(device_id=device) for device in devices.values()),
            )
            async with ApiClient(centre, ca_file=ca_file, entropy=entropy, clock=clock) as client:
                await client.login(simulated_seat(SIMULATED_SEATS[0]), DEMO_PASSWORD)
                worn = worn_on_runs(client, devices)
                await run_sources(sources, worn=worn, clock=clock, rng=rng)
        case "ultrasound":
            from goldenhour.main.ultrasound_double import run_scanners  # noqa: PLC0415 (as above)

            async with ApiClient(centre, ca_file=ca_file, entropy=entropy, clock=clock) as client:
                await client.login(simulated_seat(SIMULATED_SEATS[0]), DEMO_PASSWORD)
                await run_scanners(settings, city, client=client, clock=clock, rng=rng)
        case "cameras":
            recording = load_recording(find_recording(os.environ))
            cameras = CamerasConfig(
                host="127.0.0.1",
                port=settings.video_port,
                number_of={u.id: camera_number(n) for n, u in enumerate(city.units, start=1)},
            )
            async with ApiClient(centre, ca_file=ca_file, entropy=entropy, clock=clock) as client:
                await client.login(simulated_seat(SIMULATED_SEATS[0]), DEMO_PASSWORD)
                await run_cameras(
                    cameras,
                    recording,
                    active=on_runs(client, cameras.number_of),
                    trouble=CameraTrouble(trouble) if trouble else None,
                    clock=clock,
                    rng=rng,
                )
        case _:
            async with ApiClient(centre, ca_file=ca_file, entropy=entropy, clock=clock) as client:
                await client.login("caller", DEMO_PASSWORD)
                await run_callers(CallersConfig(), client=client, city=city, clock=clock, rng=rng)


async def measure_once(settings: Settings, unit_id: str, meter: str, fault: str) -> None:
    """`goldenhour simulate monitors --meter`: one message of the unit's meter. SystemExit."""
    refuse_live(settings)
    city = read_city(settings.city_dir)
    numbers = {unit.id: number for number, unit in enumerate(city.units, 1)} if city else {}
    if unit_id not in numbers:
        raise SystemExit(f"--unit: there is no unit {unit_id}")
    faults = [str(trouble) for trouble in MeterTrouble]
    if fault not in ("none", *faults):
        raise SystemExit(f"--fault: none, {', '.join(faults)}")
    kind = MeterKind(meter)
    rng = random.Random()  # noqa: S311 (as above)
    measured = draw(meter_id(numbers[unit_id], kind), kind, SystemClock(), rng)
    config = MeterConfig(host="127.0.0.1", port=settings.mllp_port)
    await send(config, measured, None if fault == "none" else MeterTrouble(fault))
    print(f"sent: {measured.value:g} {measured.unit}, fault: {fault}")


def _crews(city: City, vehicle: str) -> tuple[CrewAccount, ...]:
    return tuple(
        CrewAccount(
            unit_id=unit.id,
            base_url=vehicle,
            username=f"crew-{unit.call_sign.lower()}",
            password=DEMO_PASSWORD,
        )
        for unit in city.units
    )
