"""What a vehicle's computer does over its link beside events, vital signs and the roster.

Rule 1: an errand goes on its own class's network and turn, and begins anew when the link fails.
Rule 2: a centre of a release that does not know an address answers nothing, and nothing follows.
"""

import asyncio
from typing import Any, Protocol

import msgspec

from goldenhour.app.strangers import HeardStrangers, StrangerNews
from goldenhour.app.uplinks import DataClass


class Ask(Protocol):
    """The centre, over the network and in the turn of an errand."""

    def slice_bytes(self) -> int:
        """As much at once as holds up nothing urgent."""
        ...

    async def __call__(self, method: str, path: str, **said: Any) -> bytes:
        """The answer's content; empty from a centre that does not know the address."""
        ...


class Errand(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def data(self) -> DataClass: ...
    async def run(self, ask: Ask) -> None:
        """For ever, until the link fails or is broken off."""


class SpeedsPupil(Protocol):
    """What learns street speeds from the centre."""

    network: str
    """The digest of its road network."""

    @property
    def known_ms(self) -> int:
        """When what it knows was learnt."""

    async def take(self, content: bytes) -> None:
        """Raises msgspec.DecodeError."""


class FetchSpeeds:
    """What is known already is not told again."""

    name = "speeds"
    data = DataClass.BACKLOG

    def __init__(self, pupil: SpeedsPupil, every_s: float = 600.0) -> None:
        self._pupil = pupil
        self._every_s = every_s

    async def run(self, ask: Ask) -> None:
        while True:
            told = {"network": self._pupil.network, "than_ms": str(self._pupil.known_ms)}
            content = await ask("GET", "/api/edge/speeds", params=told)
            if content:
                await self._pupil.take(content)
            await asyncio.sleep(self._every_s)


class TellStrangers:
    """Which devices speak here that are in no register (`app/strangers.py`)."""

    name = "strangers"
    data = DataClass.BACKLOG

    def __init__(self, news: StrangerNews, others: int, every_s: float = 10.0) -> None:
        """`others`: the vehicles of this computer besides the one whose link it is."""
        self._news = news
        self._others = others
        self._every_s = every_s

    async def run(self, ask: Ask) -> None:
        while True:
            if heard := self._news.list_new():
                content = msgspec.json.encode(HeardStrangers(heard=heard, others=self._others))
                headers = {"Content-Type": "application/json"}
                await ask("POST", "/api/edge/strangers", content=content, headers=headers)
                self._news.told(heard)
            await asyncio.sleep(self._every_s)
