"""Three people write in one record out of sight of one another, and nothing is lost of it.

Two are tablets of a vehicle without a link, one is a doctor at the centre. Each says which writes
they had seen, as their page does; a tablet may be out of the vehicle's reach as well, so that what
it saw is old. Then the link comes back, is cut again in the middle of it, and comes back. Checked:
both ends hold the same, and exactly those writes that nobody who had seen them has written over. A
merge is a field that two or more have written apart.

Planted bug: the tablets say that they saw whatever stands there when they write. That is "the last
one wins", and what the other had written is gone without anybody having looked at it.
"""

import asyncio
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Any, Final

from goldenhour.adapters.edge import EdgeConfig, EdgeLink, EdgeStore
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.app.handle import fold, handle
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.app.uplinks import Uplink
from goldenhour.domain import commands as c
from goldenhour.domain.care.items import ItemKind
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.record_form import Field
from goldenhour.domain.care.written import Written
from goldenhour.kernel.personal import Clear, Sealed
from goldenhour.kernel.recorded import Stamp
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.drills import lab, offline_site
from goldenhour.main.drills.offline_site import Site
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.main.node import LiveWorld

N: Final = 1_000
PATIENTS: Final = 20
ROUNDS: Final = 40
"""Or somewhat more: in a round the three write apart, and then the link comes back."""
TABLETS: Final = ("tablet-1", "tablet-2")
DOCTOR: Final = "doctor"
LOOKS: Final = 0.4
"""How often somebody looks at what stands there before they write."""
_PATIENCE_S: Final = 120.0
_POLL_S: Final = 0.05
_CUT_AFTER_S: Final = (0.0, 0.4)
_KINDS: Final = (ItemKind.NUMBER, ItemKind.FLAG, ItemKind.CHOICE, ItemKind.TEXT)

Place = tuple[str, str]
"""Patient and field."""
Values = dict[str, Any]
"""By write: what stands there, text in the clear."""


def run(options: Options) -> Report:
    with lab.server() as running:
        return asyncio.run(_drill(running, options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


async def _drill(running: EmbeddedServer, options: Options) -> Report:
    n = options.n or N
    with tempfile.TemporaryDirectory(prefix="goldenhour-drill-") as name:
        folder = Path(name)
        async with (
            offline_site.opened(running, folder, 1, options.seed) as site,
            lab.opened(running) as database,
        ):
            world = lab.LabWorld(database, SystemClock(), options.seed)
            apart = _Apart(site, world, folder / "journal.sqlite", plant=options.plant)
            try:
                await apart.begin()
                while apart.merges < n:
                    await apart.round(min(-(-n // ROUNDS), n - apart.merges))
                    say(f"{apart.merges} merges, faults {dict(apart.faults)}")
            finally:
                await apart.store.close()
    value = sum(apart.faults.values())
    return Report(
        name="merge",
        value=value,
        unit="writes lost, revived or different at the two ends",
        goal=0,
        passed=value == 0,
        n=apart.merges,
        spread={
            "writes": sum(len(writes) for writes in apart.written.values()),
            "fields": len(apart.written),
            "rounds": apart.rounds,
            "standing_in_conflict": apart.count_conflicts(),
            **{fault: float(apart.faults[fault]) for fault in ("lost", "revived", "different")},
        },
    )


class _Apart:
    def __init__(self, site: Site, world: lab.LabWorld, path: Path, *, plant: bool) -> None:
        (self._enrolled,) = site.enrolled
        self._site = site
        self._world = world
        self._plant = plant
        self.store = EdgeStore(path, entropy, SystemClock())
        self._vehicle = LiveWorld(journal=self.store, facts=world.facts, entropy=entropy)
        self._config = EdgeConfig(
            uplinks=(Uplink(name="centre", url=f"https://localhost:{site.port}"),),
            unit_id=self._enrolled.unit_id,
            key=self._enrolled.key,
            ca_file=str(site.ca),
        )
        self._fields = [f for f in world.facts.care.form.list_fields() if f.kind in _KINDS]
        self._patients = [f"{self._enrolled.mission_id}-{n}" for n in range(PATIENTS)]
        self._said: Counter[str] = Counter()
        self.written: defaultdict[Place, Values] = defaultdict(dict)
        self._over: defaultdict[Place, set[str]] = defaultdict(set)
        """Writes that somebody who had seen them has written over."""
        self._sight: defaultdict[tuple[str, Place], set[str]] = defaultdict(set)
        """What each of the three knows to stand there."""
        self.merges = self.rounds = 0
        self.faults: Counter[str] = Counter()

    @property
    def _dice(self) -> Random:
        return self._world.dice

    async def begin(self) -> None:
        """The vehicle knows of its run, and both ends of its patients."""
        await self._link_until(lambda: self._knows(f"mission:{self._enrolled.mission_id}"))
        for patient_id in self._patients:
            await self._say_on(
                TABLETS[0],
                c.RegisterPatient(patient_id=patient_id, mission_id=self._enrolled.mission_id),
            )
        await self._link_until(self._both_know_all)

    async def round(self, count: int) -> None:
        places = {
            (self._dice.choice(self._patients), self._dice.choice(self._fields).id)
            for _ in range(count)
        }
        fields = {field.id: field for field in self._fields}
        for place in sorted(places):
            writers = self._dice.sample((*TABLETS, DOCTOR), self._dice.choice((2, 3)))
            for writer in writers:
                await self._write(writer, place, fields[place[1]])
            self.merges += 1
        await self._link_for(self._dice.uniform(*_CUT_AFTER_S))
        await self._link_until(self._both_know_all)
        self.rounds += 1
        await self._compare()

    async def _write(self, writer: str, place: Place, field: Field) -> None:
        patient_id, name = place
        if self._dice.random() < LOOKS:
            self._sight[writer, place] = set(await self._standing(writer, place))
        seen = self._sight[writer, place]
        over = seen
        if self._plant and writer != DOCTOR:
            over = set(await self._standing(writer, place))
        self._over[place] |= seen
        write_id = self._world.new_id()
        value, text = _content(field, self._dice)
        command = c.WriteField(
            patient_id=patient_id,
            write_id=write_id,
            field=name,
            value=value,
            text=None if text is None else Clear(text=text),
            over=tuple(sorted(over)),
        )
        await self._say_on(writer, command)
        self.written[place][write_id] = text if value is None else value
        self._sight[writer, place] = {write_id}

    async def _say_on(self, writer: str, command: c.Command) -> None:
        """The doctor at the centre, the others in the vehicle."""
        self._said[writer] += 1
        outside = writer == DOCTOR
        stamp = Stamp(
            actor=writer,
            seat=writer,
            role="hospital" if outside else "crew",
            org="centre" if outside else f"unit:{self._enrolled.unit_id}",
            installation=writer,
            sequence=self._said[writer],
            now_ms=SystemClock().now_ms(),
        )
        world = self._world if outside else self._vehicle
        outcome = await handle(command, stamp, SYSTEM, world)
        if not isinstance(outcome, Outcome):
            raise RuntimeError(f"{command!r} was refused: {outcome.code}")  # noqa: TRY004 (not a type)

    # ---- what stands

    async def _standing(self, writer: str, place: Place) -> Values:
        journal = self._world.journal if writer == DOCTOR else self.store
        return (await self._read(journal, place[0], [place[1]]))[place[1]]

    async def _read(self, journal: Any, patient_id: str, names: Iterable[str]) -> dict[str, Values]:
        """By field: what stands there."""
        stream = f"patient:{patient_id}"
        state = fold(stream, await journal.list_streams([stream], SYSTEM))
        assert isinstance(state, Patient)
        fields: Mapping[str, tuple[Written, ...]] = state.record.fields
        found = {name: fields.get(name, ()) for name in names}
        rows = [
            one.text.row for each in found.values() for one in each if isinstance(one.text, Sealed)
        ]
        texts = await journal.reveal(rows, SYSTEM) if rows else {}
        return {
            name: {
                one.write_id: texts[one.text.row] if isinstance(one.text, Sealed) else one.value
                for one in each
            }
            for name, each in found.items()
        }

    async def _compare(self) -> None:
        self.faults.clear()
        for patient_id in self._patients:
            names = [name for patient, name in self.written if patient == patient_id]
            here = await self._read(self.store, patient_id, names)
            there = await self._read(self._world.journal, patient_id, names)
            for name in names:
                self._judge((patient_id, name), here[name], there[name])

    def _judge(self, place: Place, here: Values, there: Values) -> None:
        written = self.written[place]
        expected = {w: value for w, value in written.items() if w not in self._over[place]}
        self.faults["lost"] += len(expected.keys() - here.keys())
        self.faults["revived"] += len(here.keys() - expected.keys())
        self.faults["different"] += here != there or any(
            here[write_id] != expected[write_id] for write_id in here.keys() & expected.keys()
        )

    def count_conflicts(self) -> int:
        return sum(
            len(written.keys() - self._over[place]) > 1 for place, written in self.written.items()
        )

    # ---- the link

    def _link(self) -> EdgeLink:
        return EdgeLink(self._config, self.store, SystemClock(), entropy, on_fix=lambda _fix: None)

    async def _link_for(self, seconds: float) -> None:
        """Cut off in the middle of whatever is under way."""
        linking = asyncio.create_task(self._link().run(asyncio.Event()))
        await asyncio.sleep(seconds)  # the random instant
        await _cancel(linking)

    async def _link_until(self, is_so: Any) -> None:
        linking = asyncio.create_task(self._link().run(asyncio.Event()))
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while True:
                    if await is_so():
                        return
                    await asyncio.sleep(_POLL_S)
        finally:
            await _cancel(linking)

    async def _knows(self, stream: str) -> bool:
        return stream in await self.store.known()

    async def _both_know_all(self) -> bool:
        if self.store.pending_count():
            return False
        rows = await self._site.ask("select stream, version from stream_head")
        heads, known = dict(rows), await self.store.known()
        return all(
            0 < heads.get(stream, 0) == known.get(stream, 0) for stream in _streams(self._patients)
        )


def _streams(patients: Iterable[str]) -> list[str]:
    return [f"patient:{patient_id}" for patient_id in patients]


def _content(field: Field, dice: Random) -> tuple[bool | float | str | None, str | None]:
    """A value that the field may hold, or a text."""
    match field.kind:
        case ItemKind.FLAG:
            return dice.random() < 0.5, None  # noqa: PLR2004 (a coin)
        case ItemKind.CHOICE:
            return dice.choice(field.choices).id, None
        case ItemKind.NUMBER:
            low, high = field.low or 0.0, field.high if field.high is not None else 100.0
            return round(dice.uniform(low, high), 1), None
        case _:
            return None, f"说法 {dice.randrange(10**6)}"


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
