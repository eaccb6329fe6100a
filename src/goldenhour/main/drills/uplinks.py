"""One of two networks dies again and again: how long until the next event stands at the centre.

The centre is the product's own api and worker; the vehicle's store and link run here, behind two
bad radios (5G good and 4G rural). In each round something is recorded, the network in use becomes a
black hole at a random instant, something more is recorded, and the time runs from the hole until
that is confirmed over the other network. In between the dead network returns.

Checked at the end: everything recorded is at the centre, once. A busy machine makes it longer.

Planted bug: the vehicle is as good as without heartbeats, so that nothing notices the silence.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from statistics import median
from typing import Final

from goldenhour.adapters.edge import EdgeConfig, EdgeLink, EdgeStore
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.app.uplinks import DataClass, Uplink
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.drills import lab
from goldenhour.main.drills.offline_site import Site, opened
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.simulator.bad_radio import BadRadio, Trouble, load_profiles

N: Final = 10
GOAL_S: Final = 2.0
PROFILES: Final = {"private": "good_5g", "public": "rural_4g"}
_PATIENCE_S: Final = 60.0
_GIVEN_UP_S: Final = 8.0
"""A dead network that nobody notices until then returns."""
_CALM_S: Final = (0.3, 1.5)
"""Between both networks alive and the next hole."""
_POLL_S: Final = 0.02
_PLANTED_S: Final = 1_000.0


def run(options: Options) -> Report:
    with lab.server() as running, tempfile.TemporaryDirectory(prefix="goldenhour-up-") as folder:
        return asyncio.run(_drill(running, Path(folder), options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


async def _drill(running: EmbeddedServer, folder: Path, options: Options) -> Report:
    dice = Random(options.seed)  # noqa: S311 (a drill must be repeatable)
    n = options.n or N
    async with opened(running, folder, 1, options.seed) as site:
        profiles, target = load_profiles(), ("127.0.0.1", site.port)
        radios = {
            name: BadRadio(profiles[profile], target, Random(dice.getrandbits(32)))  # noqa: S311 (as above)
            for name, profile in PROFILES.items()
        }
        async with radios["private"].running(), radios["public"].running():
            vehicle = _Vehicle(site, folder / "journal.sqlite", radios, plant=options.plant)
            took_s = await vehicle.drill(n, dice)
            lost, doubled = await vehicle.compare()
    return Report(
        name="uplinks",
        value=round(max(took_s), 2),
        unit="s from a dead network to the next item confirmed over the other, worst",
        goal=GOAL_S,
        passed=max(took_s) <= GOAL_S and not lost and not doubled,
        n=n,
        spread={"p50_s": round(median(took_s), 2), "lost": lost, "doubled": doubled},
    )


class _Vehicle:
    def __init__(self, site: Site, path: Path, radios: dict[str, BadRadio], *, plant: bool) -> None:
        (self._enrolled,) = site.enrolled
        self._site = site
        self._radios = radios
        self._clock = SystemClock()
        self._store = EdgeStore(path, entropy, self._clock)
        patience = {"beat_patience_s": _PLANTED_S, "slow_beat_patience_s": _PLANTED_S}
        config = EdgeConfig(
            uplinks=tuple(
                Uplink(name=name, url=f"https://localhost:{radio.port}")
                for name, radio in radios.items()
            ),
            unit_id=self._enrolled.unit_id,
            key=self._enrolled.key,
            ca_file=str(site.ca),
            **(patience if plant else {}),
        )
        self._link = EdgeLink(config, self._store, self._clock, entropy, on_fix=lambda _fix: None)
        self._recorded = 0

    async def drill(self, n: int, dice: Random) -> list[float]:
        stopping = asyncio.Event()
        linking = asyncio.create_task(self._link.run(stopping))
        took_s = []
        try:
            for number in range(n):
                await self._wait(self._both_up)
                await self._record()
                await self._wait(self._all_there)
                await asyncio.sleep(dice.uniform(*_CALM_S))  # the random instant
                took_s.append(await self._hole())
                say(f"round {number}: {took_s[-1]:.2f} s")
            await self._wait(self._all_there)
        finally:
            stopping.set()
            await linking
            await self._store.close()
        return took_s

    async def _hole(self) -> float:
        used = self._link.uplinks.choices[DataClass.VITALS].uplink
        began_s = time.monotonic()
        self._radios[used].trouble(Trouble.HOLE)
        await self._record()
        with suppress(TimeoutError):  # then the round counts as long as that
            await self._wait(self._all_there, _GIVEN_UP_S)
        took_s = time.monotonic() - began_s
        self._radios[used].trouble(Trouble.NONE)
        return took_s

    async def _record(self) -> None:
        self._recorded += 1
        now_ms = self._clock.now_ms()
        values = (Numeric(sign=Sign.SPO2, value=97.0, note=""),)
        await self._store.append_numerics(
            [
                NumericSet(
                    device_id="monitor",
                    unit_id=self._enrolled.unit_id,
                    device_ms=self._recorded,
                    received_ms=now_ms,
                    values=values,
                )
            ]
        )

    def _both_up(self) -> bool:
        return all(uplink.up for uplink in self._link.uplinks.list_status())

    def _all_there(self) -> bool:
        return self._store.pending_count() == 0

    async def _wait(self, is_so: Callable[[], bool], patience_s: float = _PATIENCE_S) -> None:
        async with (
            asyncio.timeout(patience_s),
            aclosing(self._store.wake_ups(_POLL_S)) as wakes,
        ):
            async for _wake in wakes:
                if is_so():
                    return

    async def compare(self) -> tuple[int, int]:
        """What is lost at the centre, and what is there more than once."""
        rows = await self._site.ask("select device_ms, count(*) from vital group by 1")
        counts: dict[int, int] = dict(rows)
        lost = len(set(range(1, self._recorded + 1)) - counts.keys())
        return lost, sum(count - 1 for count in counts.values())
