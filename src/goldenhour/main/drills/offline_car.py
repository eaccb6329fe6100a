"""One vehicle of the offline drill as the drill sees it: a process behind a radio of its own."""

import asyncio
import signal
import sys
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldenhour.adapters.edge import SealedFiles
from goldenhour.app.uplinks import Uplink
from goldenhour.main.drills import rig
from goldenhour.main.drills.offline_site import Enrolled, Site
from goldenhour.main.drills.offline_vehicle import BOX, Said, Spec, list_said
from goldenhour.simulator.bad_radio import BadRadio, load_profiles


class Car:
    """A vehicle's process behind its radio."""

    def __init__(self, enrolled: Enrolled, folder: Path, site: Site, dice: Random) -> None:
        self.unit_id = enrolled.unit_id
        self.folder = folder
        self.box.mkdir(parents=True)
        self.radio = BadRadio(
            load_profiles()["poor"],
            ("127.0.0.1", site.port),
            Random(dice.getrandbits(32)),  # noqa: S311 (a drill must be repeatable)
        )
        self.returned_ms = 0
        self.again_ms = 0
        """When it was back after its second reboot; 0: before that."""
        self._enrolled = enrolled
        self._site = site
        self._process: asyncio.subprocess.Process | None = None
        self._words: list[str] = []

    def write_spec(self, packets: Path, steps: int, from_ms: int, *, plant: bool) -> None:
        spec = Spec(
            folder=str(self.folder),
            unit_id=self.unit_id,
            mission_id=self._enrolled.mission_id,
            uplink=Uplink(name="radio", url=f"https://localhost:{self.radio.port}"),
            key=self._enrolled.key,
            ca_file=str(self._site.ca),
            packets=str(packets),
            steps=steps,
            from_ms=from_ms,
            plant=plant,
        )
        (self.folder / "spec.json").write_bytes(msgspec.json.encode(spec))

    async def start(self) -> None:
        with (self.folder / "errors").open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "goldenhour.main.drills.offline_vehicle", str(self.folder / "spec.json")),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        await self.hear("ready")
        for word in self._words:
            self._write(word)

    async def hear(self, word: str) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if line.decode().strip() == word:
                return
        errors = (self.folder / "errors").read_text(errors="replace")[-3_000:]
        raise RuntimeError(f"{self.unit_id} ended before it said {word}; it says:\n{errors}")

    def tell(self, word: str) -> None:
        """Now, and again after every reboot."""
        self._words.append(word)
        self._write(word)

    def _write(self, word: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    def said(self) -> list[Said]:
        return list_said(self.folder)

    def has_said(self, step: int) -> bool:
        return len(self.said()) > step

    @property
    def box(self) -> Path:
        return self.folder / BOX

    @property
    def key(self) -> str:
        return self._enrolled.key

    @property
    def mission_id(self) -> str:
        return self._enrolled.mission_id

    def installation(self) -> str:
        """Under this name the centre records what comes from here; of one that is switched off."""
        ((own,),) = self.ask("select id from own_installation")
        return f"edge:{own}"

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return rig.ask(self.box, self.key, query)

    def has_sent_ecg(self, ends: NDArray[np.int64]) -> bool:
        """`ends`: how long so many packets are on a centre's disk; here each is longer, sealed."""
        sealed = ends + SealedFiles.added_bytes * np.arange(1, len(ends) + 1)
        whole = np.searchsorted(sealed, size_of(self.box / "ecg"), side="right")
        return not whole or size_of(self._site.folder / "ecg" / self.unit_id) >= ends[whole - 1]


def size_of(folder: Path) -> int:
    """Of the ECG in it, on the disk."""
    return sum(path.stat().st_size for path in folder.rglob("*.seg"))
