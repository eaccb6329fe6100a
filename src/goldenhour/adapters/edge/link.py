"""The link from a vehicle to its centre: uploads, the centre's feed, the roster, errands.

Rule 1: in each lane uploads go one at a time, in order, from the first item that the centre has not
        confirmed. Whatever goes wrong, the same items go again; the centre knows them by their
        sequence.
Rule 2: a word from the centre counts once it is durable here.
Rule 3: silence is a lost link. Every attempt after a failure waits a little longer, by a random
        share, so that a thousand vehicles do not return in one instant.
        What goes up is packed, since hours of a record are much alike: a seventh of them is left.
Rule 4: of a tablet's positions the newest alone waits, until it is old.
Rule 5: only the authority of the configured file vouches for the centre; proxies of the environment
        are not used.
"""

import asyncio
import ssl
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Final

import httpcore  # noqa: F401 (httpx loads it with the first client: here that is when a link returns)
import httpx
import msgspec
import structlog
from msgspec.structs import replace
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from goldenhour.adapters.edge.asking import Asking
from goldenhour.adapters.edge.config import EdgeConfig
from goldenhour.adapters.edge.errands import Errand
from goldenhour.adapters.edge.store import LANES, EdgeStore
from goldenhour.adapters.edge.uplinks import Uplinks
from goldenhour.adapters.edge.uploads import ProtocolError
from goldenhour.adapters.outside import send
from goldenhour.app.edge import (
    ClassStatus,
    EdgeStatus,
    FeedHello,
    FeedMessage,
    Roster,
    UploadAnswer,
)
from goldenhour.app.journal import StoreFullError
from goldenhour.app.ports import Clock
from goldenhour.app.uplinks import DataClass, Uplink, UplinkLostError
from goldenhour.app.video import VideoStatus
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.telemetry import Fix, TabletPosition

MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
MOST_UPLOAD_BYTES: Final = 512 * 1024
"""Before it is packed: what a centre stores in one transaction while others wait."""
_QUICKLY: Final = 1
"""The effort of zlib: a second thought makes a record hardly smaller."""
_SHRINKS: Final = 4
"""Times, taken until something was packed."""

_ANSWER: Final = msgspec.json.Decoder(UploadAnswer)
_MESSAGE: Final = msgspec.json.Decoder(FeedMessage)
_ROSTER: Final = msgspec.json.Decoder(Roster)
_FAILURES: Final = (
    *(httpx.HTTPError, WebSocketException, OSError, TimeoutError),
    *(msgspec.DecodeError, ProtocolError, StoreFullError),
)
"""What a bad link, a bad peer or a full disk can do; anything else is our own bug, not hidden."""
_log = structlog.get_logger()


class EdgeLink:
    def __init__(
        self,
        config: EdgeConfig,
        store: EdgeStore,
        clock: Clock,
        entropy: Entropy,
        on_fix: Callable[[Fix], object],
        *,
        on_roster: Callable[[Roster], Awaitable[None]] | None = None,
        errands: Sequence[Errand] = (),
    ) -> None:
        """`on_fix` takes positions as the centre knows them, in the event loop.

        `on_roster` is told of each roster once it is durable.
        """
        self._config = config
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._on_fix = on_fix
        self._on_roster = on_roster
        self._errands = errands
        authorization = f"Edge {store.installation}:{config.key}"
        self.uplinks = Uplinks(config, authorization, clock, entropy)
        self.monitors: tuple[str, ...] | None = None
        """The monitors that the centre last named; None while it has not spoken."""
        self._hears_tablets = False
        self._position: tuple[TabletPosition, int] | None = None
        """That waits to be told, and until when it is worth that."""
        self._positioned = asyncio.Event()
        self._connected = False
        self._last_contact_ms: int | None = None
        self._taken: Counter[DataClass] = Counter()
        """Uploads that the centre has answered, by lane."""
        self._shrinks: Counter[DataClass] = Counter()
        """How many times smaller the last upload became by packing, by lane."""
        self._arrived = asyncio.Event()
        """Set by the first message of a connection, and by no other: the roster is asked for."""
        self._context = ssl.create_default_context(cafile=config.ca_file)

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep the link until asked to stop."""
        async with asyncio.TaskGroup() as tasks:
            jobs = [
                tasks.create_task(self.uplinks.run()),
                *(tasks.create_task(self._upload_for_ever(lane)) for lane in LANES),
                tasks.create_task(self._listen_for_ever()),
                tasks.create_task(self._tell_positions_for_ever()),
                tasks.create_task(self._fetch_roster_for_ever()),
                *(tasks.create_task(self._run_errand_for_ever(one)) for one in self._errands),
            ]
            await stopping.wait()
            for job in jobs:
                job.cancel()

    @property
    def connected(self) -> bool:
        """The centre's own word arrives."""
        return self._connected

    @property
    def last_contact_ms(self) -> int | None:
        """When it last spoke; None: not since the start."""
        return self._last_contact_ms

    def status(
        self,
        backlog: int | None = None,
        images: int | None = None,
        segments: int | None = None,
        video: VideoStatus | None = None,
    ) -> EdgeStatus:
        """Packets of ECG, pictures and segments that the centre lacks, by whoever counts them."""
        roster = self._store.find_roster()
        waiting = {
            **{lane: self._store.pending_of(lane) for lane in LANES},
            DataClass.BACKLOG: backlog,
            DataClass.IMAGES: images,
            DataClass.VIDEO: segments,
        }
        return EdgeStatus(
            connected=self._connected,
            pending=self._store.pending_count(),
            last_contact_ms=self._last_contact_ms,
            unit_id=self._config.unit_id,
            call_sign=roster.call_sign if roster else "",
            uplinks=self.uplinks.list_status(),
            classes=tuple(
                ClassStatus(
                    data=data,
                    uplink=choice.uplink,
                    since_ms=choice.since_ms,
                    waiting=waiting.get(data),
                )
                for data, choice in self.uplinks.choices.items()
            ),
            clock=self.uplinks.clock_offset(),
            video=video,
        )

    def _client(self, uplink: Uplink) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=uplink.url,
            headers=self.uplinks.headers,
            verify=self._context,
            timeout=self._config.answer_s,
            trust_env=False,
            # One line for hours: vital signs go every few seconds, and a handshake costs more.
            limits=httpx.Limits(keepalive_expiry=self._config.keep_s),
        )

    # ---- uploads

    async def _upload_for_ever(self, lane: DataClass) -> None:
        failures = 0
        while True:
            taken = self._taken[lane]
            try:
                await self.uplinks.during(lane, lambda uplink: self._upload_over(uplink, lane))
            except UplinkLostError:
                failures = 0
            except _FAILURES as error:
                failures = 1 if self._taken[lane] > taken else failures + 1
                await self._pause(lane, failures, error)

    async def _upload_over(self, uplink: Uplink, lane: DataClass) -> None:
        """Until it fails, or is broken off."""
        async with self._client(uplink) as client, aclosing(self._store.wake_ups()) as wakes:
            async for _wake in wakes:
                while self._store.pending_of(lane):
                    async with self.uplinks.turn(uplink.name, lane):
                        await self._upload(client, uplink, lane)

    async def _upload(self, client: httpx.AsyncClient, uplink: Uplink, lane: DataClass) -> None:
        packs = self.uplinks.unpacks(uplink.name)
        shrinks = (self._shrinks[lane] or _SHRINKS) if packs else 1
        slice_bytes = self.uplinks.slice_bytes(uplink.name) * shrinks
        upload = await self._store.next_upload(min(slice_bytes, MOST_UPLOAD_BYTES), lane)
        if upload is None:
            return
        loop = asyncio.get_running_loop()
        content, sent_s = msgspec.json.encode(upload), loop.time()
        headers = {"Content-Type": "application/json"}
        if packs:
            packed = zlib.compress(content, _QUICKLY)
            self._shrinks[lane] = max(len(content) // len(packed), 1)
            content, headers["Content-Encoding"] = packed, "deflate"
        asked: dict[str, bool | int] = {"reasons": True, "packs": True}
        if (offset := self.uplinks.clock_offset()) is not None:
            # In the address: an older centre passes over there what it does not know.
            asked |= {"clock_ms": offset.offset_ms, "clock_within_ms": offset.uncertainty_ms}
        request = client.build_request(
            "POST",
            "/api/edge/upload",
            params=asked,
            content=content,
            headers=headers,
        )
        answer = _ANSWER.decode(await send(client, request))
        self.uplinks.sent(uplink.name, len(content), loop.time() - sent_s)
        await self._store.confirm(answer, lane)
        self.uplinks.heard_of_packing(uplink.name, unpacks=answer.unpacks)
        self._last_contact_ms = self._clock.now_ms()
        if answer.through < upload.items[0].sequence:
            raise ProtocolError("through", "the centre took nothing")
        self._taken[lane] += 1

    # ---- the feed

    async def _listen_for_ever(self) -> None:
        failures = 0
        again: tuple[str, ...] = ()

        async def listen(uplink: Uplink) -> tuple[str, ...]:
            return await self._listen(uplink, again)

        while True:
            self._arrived.clear()
            try:
                again = await self.uplinks.during(DataClass.EVENTS, listen)
                raise ProtocolError("events", f"{', '.join(again)} do not continue what is here")
            except UplinkLostError:
                self._connected = False
                failures = 0
            except _FAILURES as error:
                failures = 1 if self._connected and not again else failures + 1
                self._connected = False
                await self._pause("feed", failures, error)

    async def _listen(self, uplink: Uplink, again: tuple[str, ...]) -> tuple[str, ...]:
        """Take messages until the link fails, or until streams must be sent again whole."""
        silence_s = self._config.silence_s
        async with connect(
            uplink.url.replace("https://", "wss://", 1) + "/api/edge/feed?tablets=true",
            ssl=self._context,
            additional_headers=self.uplinks.headers,
            proxy=None,
            open_timeout=self._config.answer_s,
            close_timeout=1,
            ping_interval=None,  # the centre's sign of life says more: it is the application's own
            max_size=MAX_MESSAGE_BYTES,
        ) as socket:
            known = await self._store.known()
            hello = FeedHello(known={s: v for s, v in known.items() if s not in again})
            await socket.send(msgspec.json.encode(hello).decode())
            first = True
            while True:
                async with asyncio.timeout(silence_s):
                    text = await socket.recv()
                message = _MESSAGE.decode(text)
                broken = await self._store.take(message)
                self._connected = True
                if first:
                    self._arrived.set()
                    first = False
                self.monitors = message.monitors
                self._hears_tablets = message.tablets
                self._last_contact_ms = self._clock.now_ms()
                for fix in message.fixes if message.fix is None else (message.fix,):
                    self._on_fix(fix)
                if broken:
                    return broken

    # ---- where the crew's tablet is

    def tell_position(self, position: TabletPosition, until_ms: int) -> None:
        """As soon as there is a way, and not after `until_ms`; a later one takes its place."""
        if self._hears_tablets:
            self._position = position, until_ms
            self._positioned.set()

    async def _tell_positions_for_ever(self) -> None:
        failures = 0
        while True:
            await self._positioned.wait()
            try:
                await self.uplinks.during(DataClass.VITALS, self._tell_positions_over)
            except UplinkLostError:
                failures = 0
            except _FAILURES as error:
                failures += 1
                await self._pause("position", failures, error)

    async def _tell_positions_over(self, uplink: Uplink) -> None:
        """Until it fails, or is broken off."""
        async with self._client(uplink) as client:
            while True:
                await self._positioned.wait()
                waiting = self._position
                if waiting is not None and self._clock.now_ms() <= waiting[1]:
                    async with self.uplinks.turn(uplink.name, DataClass.VITALS):
                        await send(client, self._position_request(client, waiting[0]))
                if self._position is waiting:
                    self._position = None
                    self._positioned.clear()

    def _position_request(
        self, client: httpx.AsyncClient, position: TabletPosition
    ) -> httpx.Request:
        offset = self.uplinks.clock_offset()
        device_ms = position.device_ms + (offset.offset_ms if offset else 0)
        return client.build_request(
            "POST",
            "/api/edge/position",
            content=msgspec.json.encode(replace(position, device_ms=device_ms)),
            headers={"Content-Type": "application/json"},
        )

    # ---- the roster

    async def _fetch_roster_for_ever(self) -> None:
        failures = 0
        while True:
            try:
                await self.uplinks.during(DataClass.EVENTS, self._fetch_roster_over)
            except UplinkLostError:
                failures = 0
            except _FAILURES as error:
                failures += 1
                await self._pause("roster", failures, error)

    async def _fetch_roster_over(self, uplink: Uplink) -> None:
        """Until it fails, or is broken off."""
        async with self._client(uplink) as client:
            while True:
                request = client.build_request("GET", "/api/edge/roster")
                # Its handshake and its bytes stand behind the events that waited for the link.
                async with self.uplinks.turn(uplink.name, DataClass.VITALS):
                    roster = _ROSTER.decode(await send(client, request))
                await self._store.put_roster(roster)
                if self._on_roster is not None:
                    await self._on_roster(roster)
                self._arrived.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._config.roster_s):
                        await self._arrived.wait()

    # ---- errands

    async def _run_errand_for_ever(self, errand: Errand) -> None:
        failures = 0
        while True:
            try:
                await self.uplinks.during(
                    errand.data, lambda uplink: self._run_errand_over(uplink, errand)
                )
            except UplinkLostError:
                failures = 0
            except _FAILURES as error:
                failures += 1
                await self._pause(errand.name, failures, error)

    async def _run_errand_over(self, uplink: Uplink, errand: Errand) -> None:
        """Until it fails, or is broken off."""
        async with self._client(uplink) as client:
            await errand.run(Asking(client, self.uplinks, uplink.name, errand.data))

    async def _pause(self, what: str, failures: int, error: Exception) -> None:
        longest_s = min(
            self._config.longest_pause_s, self._config.first_pause_s * 2.0 ** min(failures - 1, 16)
        )
        share = int.from_bytes(self._entropy(2)) / 0xFFFF
        _log.warning("edge.link_failed", what=what, failures=failures, error=repr(error))
        await asyncio.sleep(longest_s * (1 + share) / 2)
