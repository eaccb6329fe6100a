"""How the computer of a vehicle opens its sealed store after a start, and closes it for good.

So does a centre's fallback seat.

Rule 1: the centre opens it, over any network that carries events; where no centre answers, a tablet
        that is logged in or a person with a password does (`adapters/edge/vault.py`).
Rule 2: only the centre's own word that the computer was revoked closes it: silence never does, nor
        does a centre that does not know it.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import httpx
import msgspec
import structlog

from goldenhour.adapters.edge import Vault
from goldenhour.adapters.web.locked import create_locked_app
from goldenhour.adapters.web.problems import Problem
from goldenhour.app.devices import Seat, Vehicle
from goldenhour.app.edge import Share
from goldenhour.app.ports import Clock
from goldenhour.app.uplinks import DataClass, Uplink
from goldenhour.main.clock import entropy
from goldenhour.main.https import serve_app
from goldenhour.main.pages import web_root
from goldenhour.main.settings import Settings

ASK_S: Final = 2.0
ANSWER_S: Final = 4.0
PATIENCE_S: Final = 3.0
"""A centre that lives has answered for every store by then; the pages are not kept waiting."""
_UNAUTHORIZED: Final = 401
_log = structlog.get_logger(__name__)


@dataclass
class Safe[C: (Vehicle, Seat)]:
    """The sealed store of one vehicle, or of a fallback seat."""

    computer: C
    folder: Path
    vault: Vault
    urls: Sequence[str] = ()
    """Of the centre that knows it."""
    revoked: bool = False
    foreign: bool = False
    """The centre's share does not open it: it was sealed under another registration."""
    link_lost: Callable[[], bool] = lambda: False


class Safes[C: (Vehicle, Seat)]:
    """Those of this process: one, or those of a demo. Also the `Lock` of the locked pages."""

    def __init__(
        self,
        settings: Settings,
        computers: Mapping[str, C],
        uplinks: Sequence[Uplink],
        clock: Clock,
        *,
        port: int,
        cookie: str,
        centres: Mapping[str, str] | None = None,
    ) -> None:
        """`computers`: by the folder of each below that of all.

        `centres`: by the same folder where another node is that registered it.

        Raises StoreError, and OSError where the authority's file cannot be read.
        """
        self._settings = settings
        self._port = port
        self._cookie = cookie
        self._context = ssl.create_default_context(cafile=str(settings.trusted_ca))
        self._clock = clock
        urls = [uplink.url for uplink in uplinks if DataClass.EVENTS in uplink.carries]
        self._safes: list[Safe[C]] = []
        for name, computer in computers.items():
            folder = settings.state_dir / "edge" / name.replace("/", "-")
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            vault = Vault(folder / "keys.json", computer.key, clock, entropy)
            other = (centres or {}).get(name)
            safe = Safe(
                computer=computer, folder=folder, vault=vault, urls=[other] if other else urls
            )
            self._safes.append(safe)
        self.changed = asyncio.Event()
        """One was opened, or one was revoked."""
        self._settled = asyncio.Event()
        self._any_open = asyncio.Event()

    def list_open(self) -> list[Safe[C]]:
        return [safe for safe in self._safes if safe.vault.opened]

    async def run(self) -> None:
        """For ever: ask for every store that is closed, and where the link is lost, why."""
        async with httpx.AsyncClient(
            verify=self._context, timeout=ANSWER_S, trust_env=False
        ) as client:
            while True:
                due = [s for s in self._safes if not s.vault.opened or s.link_lost()]
                await asyncio.gather(*(self._ask(client, safe) for safe in due))
                await asyncio.sleep(ASK_S)

    async def open_some(self) -> bool:
        """Until at least one is open; serves the locked pages meanwhile. False: a signal came."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self._settled.wait()
            if self.list_open():
                self.changed.clear()
                return True
            _log.warning("edge.locked", state=self.state())
            self._any_open.clear()
            app = create_locked_app(self, self._clock, self._cookie, web_root())
            await serve_app(self._settings, self._port, app, self._any_open)
            if not self._any_open.is_set():
                return False

    # ---- adapters.web.locked.Lock

    def state(self) -> Literal["locked", "opening", "revoked"]:
        if self.list_open():
            return "opening"
        return "revoked" if all(safe.revoked for safe in self._safes) else "locked"

    async def try_session(self, token: bytes) -> None:
        for safe in self._safes:
            if await asyncio.to_thread(safe.vault.open_by_session, token):
                self._tell(safe, by="session")

    async def try_password(self, username: str, password: str) -> None:
        for safe in self._safes:
            if await asyncio.to_thread(safe.vault.open_by_password, username, password):
                self._tell(safe, by="password")

    async def _ask(self, client: httpx.AsyncClient, safe: Safe[C]) -> None:
        headers = {"Authorization": f"Edge start:{safe.computer.key}"}
        for url in safe.urls:
            try:
                answer = await client.get(f"{url}/api/edge/share", headers=headers)
                if answer.status_code == _UNAUTHORIZED:
                    problem = msgspec.json.decode(answer.content, type=Problem)
                    if problem.code == "device_revoked":
                        self._revoke(safe)
                    return
                share = msgspec.json.decode(answer.raise_for_status().content, type=Share).share
            except (httpx.HTTPError, msgspec.DecodeError):
                continue  # the next network; then all of them again
            if not safe.vault.opened:
                await self._open(safe, share)
            return

    async def _open(self, safe: Safe[C], share: bytes) -> None:
        if await asyncio.to_thread(safe.vault.open_by_centre, share):
            self._tell(safe, by="centre")
        elif not safe.foreign:
            safe.foreign = True
            _log.error(
                "edge.sealed_otherwise",
                folder=str(safe.folder),
                help="sealed under another registration of this computer: move the folder away",
            )

    def _revoke(self, safe: Safe[C]) -> None:
        if safe.revoked:
            return
        safe.revoked = True
        safe.vault.blind()
        _log.error("edge.revoked", computer=safe.folder.name)
        self._changed()

    def _tell(self, safe: Safe[C], by: str) -> None:
        safe.revoked = False
        _log.info("edge.opened", computer=safe.folder.name, by=by)
        self._any_open.set()
        self._changed()

    def _changed(self) -> None:
        self.changed.set()
        if all(safe.vault.opened or safe.revoked for safe in self._safes):
            self._settled.set()
