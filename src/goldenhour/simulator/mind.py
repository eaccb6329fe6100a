"""What every simulated person has in common: they look, take their time, and act once.

Rule 1: a mind sees a live view and the answers to questions, and acts through an `Office`: what a
        person at a screen has, and nothing else. The same minds live in real time (`act`) and in
        virtual time (`virtual.py`).
Rule 2: `find_next` is asked again whenever something changed. What it finds gets a time drawn from
        `wait_s`; finding something else before then drops the plan, as a person's would be.
Rule 3: a mind never undoes or overrides: what somebody else has begun is left to them.
"""

import asyncio
from contextlib import aclosing
from enum import StrEnum
from random import Random  # noqa: TID251 (a simulator is given its generator)
from typing import Final, Protocol

import structlog

from goldenhour.app.journal import Outcome
from goldenhour.app.ports import Clock
from goldenhour.domain.commands import Command
from goldenhour.domain.dispatch.mission import State as RunState
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.simulator.api import ApiClient, ApiError, Live
from goldenhour.views.answers import RecommendAnswer

_log = structlog.get_logger(__name__)

CARED_FOR: Final = frozenset(
    {RunState.AT_PATIENT, RunState.LOADED, RunState.TO_HOSPITAL, RunState.AT_HOSPITAL}
)
"""A patient is with the crew, and its devices are on."""
LOOK_S: Final = 15.0
"""How often a mind looks again though nothing seems to have changed: time alone may make work."""


class RankedHospital(Record, forbid_unknown_fields=False):
    """As much of a hospital's place in the ranking as a crew looks at."""

    hospital_id: str
    eta_s: int | None
    diverting: bool


class Office(Protocol):
    """One logged-in person's way to act."""

    def new_id(self) -> str: ...
    async def send(self, command: Command) -> Outcome | Refused:
        """Raises ApiError where the platform cannot make sense of it."""

    async def recommend(self, incident_id: str) -> RecommendAnswer | None:
        """None: the platform had no answer."""

    async def rank_hospitals(self, mission_id: str) -> list[RankedHospital]:
        """Empty: the platform had no answer."""


class Due(Protocol):
    """Something to do, told apart from earlier things of its kind by its key."""

    @property
    def key(self) -> str: ...
    @property
    def wait_s(self) -> tuple[float, float]: ...


class Next[K: StrEnum](Record):
    """A deed of one kind of person that is due; a crew's, which is part of a run, is its own."""

    deed: K
    about: str
    """What it is done to, and what tells it from an earlier one: an id, or several words."""
    wait_s: tuple[float, float]

    @property
    def key(self) -> str:
        return f"{self.deed}/{self.about}"


class Mind[D: Due](Protocol):
    def find_next(self, live: Live, now_ms: int) -> D | None: ...
    async def do(self, due: D, live: Live, office: Office) -> None: ...


class WebOffice:
    """An `Office` over the interface that people's pages use."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def new_id(self) -> str:
        return self._client.new_id()

    async def send(self, command: Command) -> Outcome | Refused:
        return await self._client.send(command)

    async def recommend(self, incident_id: str) -> RecommendAnswer | None:
        try:
            return await self._client.get(
                "/api/recommend", {"incident_id": incident_id}, RecommendAnswer
            )
        except ApiError as error:
            _log.info("simulator.no_recommendation", reason=str(error))
            return None

    async def rank_hospitals(self, mission_id: str) -> list[RankedHospital]:
        params = {"mission_id": mission_id, "needs": ""}
        try:
            return await self._client.get("/api/hospitals/rank", params, list[RankedHospital])
        except ApiError as error:
            _log.info("simulator.no_ranking", reason=str(error))
            return []


async def act[D: Due](
    mind: Mind[D],
    client: ApiClient,
    view: str,
    *,
    clock: Clock,
    rng: Random,
    time_factor: float = 1.0,
) -> None:
    """Live by the view of a client that is logged in; runs until cancelled."""
    person = _Person(mind, client, clock, rng, time_factor)
    async with asyncio.TaskGroup() as group:
        group.create_task(person.follow(view))
        group.create_task(person.work())


class _Person[D: Due]:
    def __init__(
        self, mind: Mind[D], client: ApiClient, clock: Clock, rng: Random, time_factor: float
    ) -> None:
        self._mind = mind
        self._client = client
        self._office = WebOffice(client)
        self._clock = clock
        self._rng = rng
        self._time_factor = time_factor
        self._live = Live()
        self._changed = asyncio.Event()

    async def follow(self, view: str) -> None:
        async with aclosing(self._client.live(view)) as views:
            async for self._live in views:
                self._changed.set()

    async def work(self) -> None:
        loop = asyncio.get_running_loop()
        planned: D | None = None
        due_s = 0.0
        while True:
            found = self._mind.find_next(self._live, self._clock.now_ms())
            if found != planned:
                planned = found
                if found is not None:
                    due_s = loop.time() + self._rng.uniform(*found.wait_s) / self._time_factor
            until_s = loop.time() + LOOK_S if planned is None else due_s
            try:
                async with asyncio.timeout_at(until_s):
                    await self._changed.wait()
                self._changed.clear()
            except TimeoutError:
                if planned is not None:
                    await self._mind.do(planned, self._live, self._office)
