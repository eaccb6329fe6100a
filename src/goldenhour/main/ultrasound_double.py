"""`goldenhour simulate ultrasound`: the double of the vehicles' ultrasound devices."""

import random

from goldenhour.app.ports import Clock
from goldenhour.domain.register.city import City
from goldenhour.main.city_file import read_city
from goldenhour.main.clock import SystemClock
from goldenhour.main.demo_file import refuse_live
from goldenhour.main.demo_names import scanner_title
from goldenhour.main.settings import Settings
from goldenhour.simulator.api import ApiClient
from goldenhour.simulator.ultrasound import (
    Trouble,
    UltrasoundConfig,
    examine,
    run_ultrasound,
    warn,
)
from goldenhour.simulator.wearing import worn_on_runs


async def run_scanners(
    settings: Settings, city: City, *, client: ApiClient, clock: Clock, rng: random.Random
) -> None:
    """Until cancelled; `client` is logged in at the centre."""
    scanners = _scanners(settings, city)
    cared = worn_on_runs(client, scanners.title_of)
    await run_ultrasound(scanners, cared=cared, clock=clock, rng=rng)


async def examine_once(settings: Settings, unit_id: str, trouble: str | None) -> None:
    """`goldenhour simulate ultrasound --unit`: at once, whatever the unit does. SystemExit."""
    refuse_live(settings)
    city = read_city(settings.city_dir)
    units = {unit.id: unit for unit in city.units} if city else {}
    if city is None or unit_id not in units:
        raise SystemExit(f"--unit: there is no unit {unit_id}")
    config = _scanners(settings, city)
    warn(1)
    answers = await examine(
        config,
        config.title_of[unit_id],
        Trouble(trouble) if trouble else None,
        SystemClock(),
        random.Random(),  # noqa: S311 (a simulation, no secret)
    )
    print("answers:", *(f"{one:04X}" if one >= 0 else "none" for one in answers))


def _scanners(settings: Settings, city: City) -> UltrasoundConfig:
    return UltrasoundConfig(
        host="127.0.0.1",
        port=settings.dicom_port,
        called=settings.dicom_title,
        title_of={unit.id: scanner_title(number) for number, unit in enumerate(city.units, 1)},
    )
