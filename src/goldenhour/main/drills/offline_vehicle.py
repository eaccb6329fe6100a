"""One vehicle of the offline drill, to be killed at any instant: its box, with all of its lines.

    python -m goldenhour.main.drills.offline_vehicle SPEC   (standard input: `go`, later `stop`)

It records what a crew, a monitor, an ECG source, a camera and a scanner would, step by step, each
step with the time that it speaks of: `minutes` of content are made as fast as the disk takes them.
Then it goes on live, five packets of ECG a second, until it is told to stop.

Rule 1: an acknowledgement is one line in the log, written when the store has it durably. Planted:
        vital signs are acknowledged at once and written a handful at a time.
Rule 2: after a kill it begins with the step after the last one that is whole in the log. What it
        had begun it says again, with the same identity and the same bytes, as a tablet does.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

import msgspec
import structlog

from goldenhour.adapters.ecg import strip_of
from goldenhour.adapters.files import FileFolder
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.app.uplinks import DataClass, Uplink
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.main.box import linked
from goldenhour.main.clock import SystemClock
from goldenhour.main.drills import load, rig
from goldenhour.main.memory import run_for_long
from goldenhour.simulator.ecg_packets import PACKETS_A_SECOND

STEP_S: Final = 5
PACKETS_A_STEP: Final = STEP_S * PACKETS_A_SECOND
DENSE_STEPS: Final = 12
"""In the first minute the crew says something at every step."""
EVENT_EVERY: Final = 24
"""Steps between two commands afterwards: thirty an hour."""
REGISTERED: Final = 2
"""The command that registers the patient."""
WRITTEN_BEHIND: Final = 5
"""Sets that the planted bug holds back."""
FILES_EVERY: Final = 120
"""Steps between two photos, and two pictures: six of each an hour."""
_FIRST_FILES: Final = 3
"""The step of the first ones."""
_POLL_S: Final = 0.2
TABLET: Final = "tablet"
BOX: Final = "box"


class Spec(Record):
    folder: str
    unit_id: str
    mission_id: str
    uplink: Uplink
    key: str
    ca_file: str
    packets: str
    """File of all the ECG that there will be: length, u16 | packet | ..."""
    steps: int
    """Of the time without a link."""
    from_ms: int
    """What the first step speaks of."""
    plant: bool


class Said(Record):
    """A line of the log: what is acknowledged of one step."""

    step: int
    command: int
    """The tablet's count after this step: all up to here are acknowledged."""
    vitals_ms: int
    packets: int
    """Of the ECG, from its beginning."""
    files: int
    """So many photos, and so many pictures."""


def list_said(folder: Path) -> list[Said]:
    path = folder / "acknowledged"
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    # Behind the last line's end stands nothing, or a line that was cut off.
    return [msgspec.json.decode(line, type=Said) for line in lines[:-1]]


def count_commands(steps: int) -> int:
    """How many the crew has given after so many steps."""
    return min(steps, DENSE_STEPS) + max(steps - DENSE_STEPS, 0) // EVENT_EVERY


def count_files(steps: int) -> int:
    return max(steps - _FIRST_FILES + FILES_EVERY - 1, 0) // FILES_EVERY


def command(spec: Spec, number: int, at_ms: int) -> c.Command:
    """The crew's command of this number, from 1; the same every time that it is asked for."""
    patient_id = f"{spec.mission_id}-p"
    milestones = [m for m in Milestone if m not in {Milestone.HANDED_OVER, Milestone.CLEARED}]
    if number == REGISTERED:
        return c.RegisterPatient(
            patient_id=patient_id, mission_id=spec.mission_id, name=Clear(text=load.NAME), age_y=61
        )
    if number % 2 == 1 and number // 2 < len(milestones):
        return c.Reach(
            mission_id=spec.mission_id, milestone=milestones[number // 2], source=Source.CREW
        )
    return c.ChartVitals(patient_id=patient_id, vitals=vitals(spec, at_ms))


def vitals(spec: Spec, at_ms: int) -> NumericSet:
    return NumericSet(
        device_id=f"monitor-{spec.unit_id}",
        unit_id=spec.unit_id,
        device_ms=at_ms,
        received_ms=at_ms,
        values=(
            Numeric(sign=Sign.HEART_RATE, value=float(60 + at_ms // 1000 % 60), note=""),
            Numeric(sign=Sign.SPO2, value=float(90 + at_ms // 5000 % 10), note=""),
        ),
    )


class Vehicle:
    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._folder = Path(spec.folder)
        self._box = rig.open_rig(
            self._folder / BOX,
            Path(spec.ca_file),
            unit_id=spec.unit_id,
            own_key=spec.key,
            uplinks=(spec.uplink,),
        )
        self._store, self._strips = self._box.store, self._box.strips
        self._packets = load.read_packets(Path(spec.packets))
        self._held_back: list[NumericSet] = []
        self._log = (self._folder / "acknowledged").open("ab", buffering=0)

    async def run(self, words: asyncio.Queue[str]) -> None:
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(linked(self._box, stopping)())
            group.create_task(self._box.hub.run())
            mission = f"mission:{self._spec.mission_id}"
            async with aclosing(self._store.wake_ups()) as wakes:
                async for _wake in wakes:
                    if mission in await self._store.known():
                        break
            print("ready", flush=True)
            assert await words.get() == "go"
            await self._record_the_dark()
            print("recorded", flush=True)
            living = group.create_task(self._record_live())
            assert await words.get() == "stop"
            living.cancel()
            while True:
                await asyncio.sleep(_POLL_S)
                if await self._has_sent_all():
                    break
            print("sent", flush=True)
            await asyncio.Event().wait()

    async def _has_sent_all(self) -> bool:
        """But for the ECG, of which the centre knows what it lacks."""
        files = self._box.desk.files
        assert isinstance(files, FileFolder)
        waiting = [
            len(await store.list_parcels(DataClass.IMAGES)) for store in (self._box.images, files)
        ]
        return not (self._store.pending_count() or any(waiting))

    async def _record_the_dark(self) -> None:
        said = list_said(self._folder)
        for step in range(said[-1].step + 1 if said else 0, self._spec.steps):
            await self._step(step)

    async def _step(self, step: int) -> None:
        at_ms = self._spec.from_ms + step * STEP_S * 1000
        await self._append_ecg(step * PACKETS_A_STEP, (step + 1) * PACKETS_A_STEP)
        await self._append_vitals(vitals(self._spec, at_ms))
        number = count_commands(step + 1)
        if number > count_commands(step):
            await self._say(command(self._spec, number, at_ms), TABLET, number, at_ms)
        files = count_files(step + 1)
        if files > count_files(step):
            await self._keep_files(files, at_ms)
        line = Said(
            step=step,
            command=number,
            vitals_ms=at_ms,
            packets=(step + 1) * PACKETS_A_STEP,
            files=files,
        )
        self._log.write(msgspec.json.encode(line) + b"\n")

    async def _append_ecg(self, first: int, end: int) -> None:
        now_ms = SystemClock().now_ms()
        strips = [strip_of(data, self._spec.unit_id, now_ms) for data in self._packets[first:end]]
        await self._strips.append(strips)

    async def _append_vitals(self, numerics: NumericSet) -> None:
        held = await self._store.list_numerics(
            numerics.unit_id, numerics.received_ms, numerics.received_ms + 1
        )
        if held:
            return  # said before the kill, and not yet acknowledged then
        if not self._spec.plant:
            await self._store.append_numerics([numerics])
            return
        self._held_back.append(numerics)
        if len(self._held_back) == WRITTEN_BEHIND:
            await self._store.append_numerics(self._held_back)
            self._held_back = []

    async def _keep_files(self, number: int, at_ms: int) -> None:
        run, patient = self._spec.mission_id, f"{self._spec.mission_id}-p"
        photo = await load.keep_photo(self._box, run, patient, load.photo(number))
        await self._say(load.added(photo), "camera", number, at_ms)
        await load.keep_picture(self._box, run, patient, load.picture(number))

    async def _say(self, wanted: c.Command, installation: str, number: int, at_ms: int) -> None:
        stamp = Stamp(
            actor="crew-1",
            seat=self._spec.unit_id,
            role="crew",
            org=f"unit:{self._spec.unit_id}",
            installation=installation,
            sequence=number,
            now_ms=at_ms,
        )
        outcome = await handle(wanted, stamp, SYSTEM, self._box.desk.world)
        if not isinstance(outcome, Outcome):
            raise RuntimeError(f"{installation} {number} was refused: {outcome.code}")  # noqa: TRY004 (not a type)

    async def _record_live(self) -> None:
        now_ms = SystemClock().now_ms()
        first = self._strips.through(self._spec.unit_id, self._epoch())
        for data in self._packets[first:]:
            strip = strip_of(data, self._spec.unit_id, now_ms)
            await self._strips.append([strip])
            self._box.uplink.take(strip)
            await asyncio.sleep(1 / PACKETS_A_SECOND)

    def _epoch(self) -> int:
        return strip_of(self._packets[0], self._spec.unit_id, 0).epoch


async def _read_words(words: asyncio.Queue[str]) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        words.put_nowait(line.decode().strip())


async def _main(spec: Spec) -> None:
    words: asyncio.Queue[str] = asyncio.Queue()
    reading = asyncio.create_task(_read_words(words))
    await Vehicle(spec).run(words)
    await reading


def main(arguments: Sequence[str]) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    # In the loop, and with the memory, of the product's own vehicle.
    run_for_long(_main(msgspec.json.decode(Path(arguments[0]).read_bytes(), type=Spec)))


if __name__ == "__main__":
    main(sys.argv[1:])
