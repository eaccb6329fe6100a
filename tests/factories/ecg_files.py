"""Records of ECG for the tests of files, and where the real ones are."""

import os
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import asdict, replace

from factories.ecg import TWELVE, packets_of, synthetic
from factories.world import TestWorld
from goldenhour.adapters.ecg import SegmentStore, strip_of
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.wire.ecg_files import EcgRecord, Lead
from goldenhour.wire.ecg_stream import decode, encode

DATA = Path(os.environ.get("GOLDENHOUR_DATA", Path(__file__).parents[2] / "../shared/data")) / "ecg"
UNIT = "A-01"
RATE_HZ = 500
BEGUN_MS = 1_790_000_000_123
GAPS = ((700, 321), (4000, 1))


def record(
    seed: int = 1,
    *,
    count: int = 5123,
    leads: tuple[str, ...] = TWELVE,
    gaps: tuple[tuple[int, int], ...] = GAPS,
    more_gaps_of_last: tuple[tuple[int, int], ...] = (),
    lsb_nv: Fraction = Fraction(5000),
    zero_nv: Fraction = Fraction(0),
    rate_hz: Fraction = Fraction(500),
    **about: Any,
) -> EcgRecord:
    """Synthetic, with gaps in all leads and some more in the last one."""
    samples = synthetic(seed, count, int(rate_hz), leads=len(leads))
    own = dict.fromkeys(leads, gaps)
    own[leads[-1]] = tuple(sorted(gaps + more_gaps_of_last))
    for place, name in enumerate(leads):
        for first, length in own[name]:
            samples[first : first + length, place] = 0
    given: dict[str, Any] = {"begun_ms": BEGUN_MS, "device": "E-1"}
    return EcgRecord(
        leads=tuple(
            Lead(name=name, lsb_nv=lsb_nv, zero_nv=zero_nv, gaps=own[name]) for name in leads
        ),
        rate_hz=rate_hz,
        samples=samples,
        **(given | about),
    )


def assert_same(found: EcgRecord, wanted: EcgRecord, *but: str) -> None:
    """Bit for bit, and every other field except those named."""
    assert found.samples.dtype == np.int32
    assert np.array_equal(found.samples, wanted.samples)
    differing = {
        name
        for name, value in asdict(found).items()
        if name != "samples" and value != getattr(wanted, name)
    }
    assert differing <= set(but), {n: (getattr(found, n), getattr(wanted, n)) for n in differing}


def dciodvfy(path: Path) -> list[str] | None:
    """What the conformance checker of dicom3tools complains about; None: it is not installed."""
    checker = shutil.which("dciodvfy")
    if checker is None:
        return None
    said = subprocess.run([checker, str(path)], capture_output=True, text=True, check=False)
    return [line for line in (said.stderr + said.stdout).splitlines() if "Error" in line]


async def stored(folder: Path, packets: list[bytes], received_ms: int = 1_000_000) -> None:
    """As the listener stores them; `received_ms` is when the first one came."""
    store = SegmentStore(folder)
    await store.append([strip_of(data, UNIT, received_ms + n) for n, data in enumerate(packets)])
    await store.close()


async def on_the_way(world: TestWorld, folder: Path) -> tuple[str, str]:
    """A patient on the way to hospital h1, thirty seconds of whose ECG are stored; mission."""
    await world.list_unit()
    await world.list_hospital()
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    assigned_ms = world.clock.at_ms
    await world.reach(mission_id, Milestone.DEPARTED, Milestone.ON_SCENE, Milestone.AT_PATIENT)
    patient_id, _handover = await world.prealert(mission_id)
    # The device's clock began at 1,000,000 ms of its own; ten seconds before the mission here.
    packets = packets_of(synthetic(3, 30 * RATE_HZ, RATE_HZ), RATE_HZ, TWELVE)
    moved = [shifted(data, assigned_ms - 10_000 - 1_000_000) for data in packets]
    await stored(folder, moved, received_ms=assigned_ms - 10_000)
    for path in folder.rglob("*.seg"):  # noqa: ASYNC240 (one small folder)
        os.utime(path, (assigned_ms / 1000 + 60,) * 2)
    world.clock.at_ms = max(world.clock.at_ms, assigned_ms + 60_000)
    return patient_id, mission_id


def shifted(data: bytes, by_ms: int) -> bytes:
    packet = decode(data)
    if packet.declaration is None:
        return data
    moved = replace(packet.declaration, device_ms=packet.declaration.device_ms + by_ms)
    return encode(replace(packet, declaration=moved))
