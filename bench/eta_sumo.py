"""What `eta` holds forecasts against: ambulances in SUMO's traffic, hour by hour of several days.

Cars drive between random places, more of them in the busy hours; an ambulance with a blue light
begins every minute. Its true positions are kept and its receiver's are made of them, with errors.
The model is SUMO's own: speed factor 1.3, blue-light device, no sublanes.
"""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import sumo

from goldenhour.compute.roads.network import Floats

HOURS: Final = {3: 6.0, 8: 0.9, 11: 1.6, 14: 1.8, 18: 0.8, 22: 3.5}
"""Hour of the day -> seconds between two cars that set out."""
LASTS_S: Final = 3_600
ENDS_S: Final = 7_200
AMBULANCE_EVERY_S: Final = 60
SHORTEST_M: Final = 1_000
SAMPLED_S: Final = 10
TYPES: Final = """<additional>
  <vType id="car"/>
  <vType id="ambulance" vClass="emergency" speedFactor="1.3" guiShape="emergency">
    <param key="has.bluelight.device" value="true"/>
    <param key="has.fcd.device" value="true"/>
    <param key="has.rerouting.device" value="true"/>
  </vType>
</additional>
"""


class Run(NamedTuple):
    day: int
    hour: int
    begun_s: float
    """Within its hour."""
    took_s: float
    at_s: Floats
    points: Floats
    """Rows of true latitude and longitude."""


def drive(
    net: Path, folder: Path, day: int, hour: int, seed: int, *, every_s: int = SAMPLED_S // 2
) -> Iterator[Run]:
    """One hour of one day, with a true position every `every_s`.

    Raises CalledProcessError where SUMO does.
    """
    name = f"{day}-{hour}"
    types = folder / "types.xml"
    types.write_text(TYPES, encoding="utf-8")
    trips = [
        _trips(net, folder / f"{name}-{kind}.xml", kind, every_s, seed)
        for kind, every_s in (("car", HOURS[hour]), ("ambulance", AMBULANCE_EVERY_S))
    ]
    tracks, ends = folder / f"{name}-fcd.xml.gz", folder / f"{name}-ends.xml"
    _call(
        folder,
        str(Path(sumo.SUMO_HOME) / "bin" / "sumo"),
        *("-n", str(net), "-r", ",".join(map(str, trips)), "-a", str(types)),
        *("--end", str(ENDS_S), "--seed", str(seed)),
        *("--fcd-output", str(tracks), "--fcd-output.geo", "true"),
        *("--device.fcd.probability", "0", "--device.fcd.period", str(every_s)),
        *("--tripinfo-output", str(ends), "--ignore-route-errors", "true"),
        *("--no-step-log", "true", "--no-warnings", "true", "--time-to-teleport", "120"),
    )
    seen = _read_tracks(tracks)
    for trip in ET.parse(ends).getroot():  # noqa: S314 (our own child's file)
        ident = trip.get("id", "")
        if trip.get("vType") != "ambulance" or trip.get("vaporized") or ident not in seen:
            continue
        track = np.array(seen[ident])
        if len(track) > 1:
            yield Run(
                day=day,
                hour=hour,
                begun_s=float(trip.get("depart", "0")),
                took_s=float(trip.get("duration", "0")),
                at_s=track[:, 0],
                points=track[:, 1:],
            )


def receive(run: Run, sigma_m: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """(times, rows of latitude and longitude) as a receiver has them."""
    kept = np.flatnonzero(np.diff(np.floor(run.at_s / SAMPLED_S), prepend=-1) > 0)
    points = run.points[kept]
    degree_m = 111_195.0
    errors = rng.normal(0, sigma_m / degree_m, points.shape)
    errors[:, 1] /= np.cos(np.radians(points[:, 0]))
    return run.at_s[kept], points + errors


def _trips(net: Path, target: Path, kind: str, every_s: float, seed: int) -> Path:
    tool = Path(sumo.SUMO_HOME) / "tools" / "randomTrips.py"
    _call(
        target.parent,
        sys.executable,
        str(tool),
        *("-n", str(net), "-o", str(target), "--prefix", kind, "--seed", str(seed)),
        *("-b", "0", "-e", str(LASTS_S), "-p", str(every_s)),
        *("--min-distance", str(SHORTEST_M), "--fringe-factor", "3"),
        *("--edge-permission", "passenger", "--trip-attributes", f'type="{kind}"'),
    )
    return target


def _read_tracks(path: Path) -> dict[str, list[tuple[float, float, float]]]:
    found: dict[str, list[tuple[float, float, float]]] = {}
    with gzip.open(path) as file:
        for _event, step in ET.iterparse(file):  # noqa: S314 (our own child's file)
            if step.tag != "timestep":
                continue
            at_s = float(step.get("time", "0"))
            for vehicle in step:
                place = (at_s, float(vehicle.get("y", "0")), float(vehicle.get("x", "0")))
                found.setdefault(vehicle.get("id", ""), []).append(place)
            step.clear()
    return found


def _call(folder: Path, *command: str) -> None:
    """There, since SUMO's tools write more beside what they are told to."""
    subprocess.run(command, check=True, capture_output=True, cwd=folder)  # noqa: S603 (its own programs)
