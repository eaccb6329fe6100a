"""Who may see what: every route, screen and command, for everybody, in every state of a session.

The matrix is generated from the route table of `create_app`: (role x tenant x state of the session)
x (route x case that it is asked about). What is expected is worked out from first principles
(`authz_ground`). Then the first wall is taken away (a guard that only identifies) and the same
questions show what row-level security still lets through: nothing. At last open screens are
counted down from the revocation to their closing.

Planted bug: the policy of reading events forgets the organisation.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx
import msgspec
from litestar import Litestar
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web import identity
from goldenhour.adapters.web.services import Services
from goldenhour.app.accounts import Person
from goldenhour.kernel.record import Record
from goldenhour.main.drills import authz_forbidden as forbidden
from goldenhour.main.drills import authz_ground as ground
from goldenhour.main.drills import authz_site as site
from goldenhour.main.drills import lab
from goldenhour.main.drills.report import Options, Report, say, start

SOCKETS: Final = 24
LIMIT_S: Final = 5.0
LANES: Final = 4
_PLANT: Final = (
    "alter policy event_read on event using (topic = any ((select string_to_array("
    "current_setting('app.topics'), ','))::text[]))"
)
_REFUSED: Final = frozenset({401, 403})
_FELL: Final = 500


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


def run(options: Options) -> Report:
    with lab.server() as running:
        if options.plant:
            lab.own(running, _PLANT)
        return asyncio.run(_drill(running, options))


class Cell(Record):
    person: Any
    """None: nobody, without a session."""
    question: site.Question


class Scene:
    """The application, everybody's session and the right answers."""

    def __init__(self, services: Services, cases: list[ground.Case], rights: ground.Rights) -> None:
        self.services = services
        self.cases = cases
        self.rights = rights
        self.words = {word: s for case in cases for word, s in case.words.items()}
        self.tokens: dict[str, str] = {}
        self.faults: Counter[str] = Counter()
        self.cells = 0

    def known(self, person: Person) -> frozenset[str]:
        return self.rights.readable(person.role, person.org)

    def told_too_much(self, person: Person | None, text: str) -> bool:
        """Whether an answer contains a word of a stream that this person may not read."""
        readable = self.known(person) if person else frozenset[str]()
        return any(
            word in text and readable.isdisjoint(streams) for word, streams in self.words.items()
        )


async def _drill(running: EmbeddedServer, options: Options) -> Report:
    async with lab.opened(running) as database:
        clock = lab.LabClock()
        world = lab.LabWorld(database, clock, options.seed)
        accounts = PostgresAccounts(database)
        people = await ground.settle(accounts, clock.at_ms)
        cases = await ground.play(world)
        rights = await ground.rights(database, clock.at_ms)
        services = await site.services(database, world, accounts, clock)
        scene = Scene(services, cases, rights)
        app = site.make_app(services)
        questions = list(site.questions(app, cases, scene.faults))
        await _sessions(scene, app, people, clock)
        asked: list[Person | None] = [None, *people]
        cells = [Cell(person=p, question=q) for p in asked for q in questions]
        world.dice.shuffle(cells)
        say(f"{len(people)} people, {len(questions)} questions, {len(cells)} cells")
        await _ask_all(scene, app, cells[: options.n], _judge)
        valid = [p for p in people if p.id.endswith("|valid")]
        said = list(forbidden.commands(valid, cases, rights))
        world.dice.shuffle(said)
        await _say_all(scene, app, said[: options.n])
        await _read_rows(scene, database, world, valid)
        await _look(scene, valid)
        unguarded = [cell for cell in cells if cell.person in valid and cell.question.query]
        with site.identify_only():
            await _ask_all(scene, site.make_app(services), unguarded[: options.n], _judge_rows)
        slowest_s = await _revoke(scene, app, valid)
    value = scene.faults.total()
    figures = {name: float(count) for name, count in sorted(scene.faults.items())}
    return Report(
        name="authz",
        value=value,
        unit="cells too wide or too narrow, undeclared routes or late closings",
        goal=0,
        passed=value == 0,
        n=scene.cells,
        spread=figures | {"slowest_closing_s": round(slowest_s, 2)},
    )


# ---- sessions


async def _sessions(scene: Scene, app: Litestar, people: list[Person], clock: lab.LabClock) -> None:
    """Open everybody's session; those to be revoked are in use when it happens."""
    accounts, now_ms = scene.services.accounts, clock.at_ms
    for person in people:
        token = scene.services.entropy(32).hex()
        state = person.id.rpartition("|")[2]
        ends_ms = now_ms if state == "expired" else now_ms + identity.SESSION_MS
        await accounts.open_session(identity.token_hash(token), person.id, now_ms, ends_ms)
        scene.tokens[person.id] = token
    async with _client(app) as client:
        for person in people:
            if person.id.endswith("|revoked"):
                answer = await client.get("/api/session", headers=_cookie(scene, person))
                assert answer.status_code == 200, answer.text  # noqa: PLR2004 (HTTP)
                await accounts.revoke_sessions(person.id, clock.at_ms)
            elif person.id.endswith("|deactivated"):
                gone = msgspec.structs.replace(person, active=False)
                await accounts.put_person(gone, clock.at_ms)
    clock.at_ms += identity.CACHE_MS


def _client(app: Litestar) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type] # Litestar's own names for the ASGI types
    return httpx.AsyncClient(transport=transport, base_url="https://drill.local")


def _cookie(scene: Scene, person: Person | None) -> dict[str, str]:
    return {"cookie": f"{site.COOKIE}={scene.tokens[person.id]}"} if person else {}


# ---- asking and judging


async def _ask_all(scene: Scene, app: Litestar, cells: Sequence[Cell], judge: Any) -> None:
    waiting = iter(cells)

    async def lane() -> None:
        async with _client(app) as client:
            for cell in waiting:
                question = cell.question
                leaving = question.path == "/api/session" and question.method == "DELETE"
                mine = _cookie(scene, cell.person)
                answer = await client.request(
                    question.method,
                    question.path,
                    params=question.query,
                    headers=await _own_session(scene, cell.person) if leaving else mine,
                    json={} if question.method in ("POST", "PATCH") else None,
                )
                scene.cells += 1
                judge(scene, cell, answer)

    await asyncio.gather(*(lane() for _ in range(LANES)))


async def _own_session(scene: Scene, person: Person | None) -> dict[str, str]:
    """For who logs out: other lanes go on asking in this person's name."""
    if person is None or not person.id.endswith("|valid"):
        return _cookie(scene, person)
    token, now_ms = scene.services.entropy(32).hex(), scene.services.clock.now_ms()
    digest = identity.token_hash(token)
    await scene.services.accounts.open_session(
        digest, person.id, now_ms, now_ms + identity.SESSION_MS
    )
    return {"cookie": f"{site.COOKIE}={token}"}


def _expected(cell: Cell) -> str:
    """`open`, `no_session` or `not_allowed`, by the declaration of the route."""
    person, needed = cell.person, cell.question.needed
    if needed == identity.PUBLIC:
        return "open"
    by_key = needed in (identity.EDGE, identity.EDGES, identity.NODES)
    if person is None or not person.id.endswith("|valid") or by_key:
        return "no_session"
    if needed != identity.ANYONE and person.role not in needed:
        return "not_allowed"
    return "open"


def _judge(scene: Scene, cell: Cell, answer: httpx.Response) -> None:
    expected, refused = _expected(cell), answer.status_code in _REFUSED
    where = f"{cell.question.method} {cell.question.path.split('?')[0]}"
    if expected != "open" and not refused:
        scene.faults[f"too_wide {expected}"] += 1
        say(f"{where}: {cell.person and cell.person.id} got {answer.status_code}")
    if expected == "open" and refused and where != "POST /api/session":
        scene.faults["too_narrow"] += 1
        say(f"{where}: {cell.person and cell.person.id} was refused: {answer.text[:100]}")
    _judge_rows(scene, cell, answer)


def _judge_rows(scene: Scene, cell: Cell, answer: httpx.Response) -> None:
    """Row-level security stands behind every route: no word of another's case, no fall."""
    live = cell.person if cell.person and cell.person.id.endswith("|valid") else None
    if scene.told_too_much(live, answer.text):
        scene.faults["too_wide words"] += 1
    if answer.status_code == _FELL:
        scene.faults["fell"] += 1
        say(f"{cell.question.method} {cell.question.path}: {answer.text[:200]}")


async def _say_all(scene: Scene, app: Litestar, said: Sequence[forbidden.Said]) -> None:
    """Commands that must be refused: by the role, or since their case is not there for them."""
    waiting = iter(enumerate(said, start=1))

    async def lane() -> None:
        async with _client(app) as client:
            for sequence, words in waiting:
                body = {
                    "installation": "authz-drill",
                    "sequence": sequence,
                    "command": words.command,
                }
                answer = await client.post(
                    "/api/commands", json=body, headers=_cookie(scene, words.person)
                )
                scene.cells += 1
                if answer.status_code not in words.refusals:
                    scene.faults["too_wide command"] += 1
                    kind = words.command["kind"]
                    say(f"{words.person.id} said {kind}: {answer.status_code} {answer.text[:200]}")

    await asyncio.gather(*(lane() for _ in range(LANES)))


async def _read_rows(
    scene: Scene, database: Database, world: lab.LabWorld, valid: list[Person]
) -> None:
    """The second wall alone: each identity asks the journal for everything there is."""
    async with database.system() as connection:
        cursor = await connection.execute("select row_id, stream from personal")
        personal = {str(row): str(stream) for row, stream in await cursor.fetchall()}
    streams = scene.rights.streams
    for person in valid:
        known = scene.known(person)
        asker = scene.services.identity_of(identity.principal_of_person(person))
        events = {e.stream for e in await world.journal.list_streams(streams, asker)}
        heads = await world.journal.readable(streams, asker)
        rows = await world.journal.reveal(list(personal), asker)
        for read in (events, heads, {personal[row] for row in rows}):
            scene.faults["too_wide rows"] += len(read - known)
        scene.faults["too_narrow"] += len(known - events)
        scene.cells += 2 * len(streams) + len(personal)


async def _look(scene: Scene, valid: list[Person]) -> None:
    """Every live view, as its first snapshot shows it."""
    for person in valid:
        principal = identity.principal_of_person(person)
        hub = scene.services.desk_of(principal).hub
        view = (await hub.scope(scene.services.identity_of(principal))).view
        scene.cells += len(scene.rights.streams)
        scene.faults["too_wide screens"] += len(set(view.states) - scene.known(person))
        text = msgspec.json.encode(view.snapshot()).decode()
        scene.faults["too_wide screens"] += scene.told_too_much(person, text)


# ---- revocation


async def _revoke(scene: Scene, app: Litestar, valid: list[Person]) -> float:
    """Open screens, end their sessions in every way, wait for each to close; the slowest, in s."""
    world, accounts = scene.services, scene.services.accounts
    chosen = valid[:: max(1, len(valid) // SOCKETS)][:SOCKETS]
    async with site.listening(app) as port, AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(
                connect(
                    f"ws://127.0.0.1:{port}/api/live", additional_headers=_cookie(scene, person)
                )
            )
            for person in chosen
        ]
        begun_s = time.monotonic()
        for number, person in enumerate(chosen):
            now_ms = world.clock.now_ms()
            if number % 2:
                gone = msgspec.structs.replace(person, active=False)
                await accounts.put_person(gone, now_ms)
            else:
                await accounts.revoke_sessions(person.id, now_ms)
        closing = [asyncio.create_task(_closed(socket, scene)) for socket in sockets]
        # The drill's clock stands still, so the look-ups that are cached age by this much at once;
        # a real one ages while the sockets wait, which adds CACHE_MS at most.
        world.clock.at_ms += identity.CACHE_MS  # type: ignore[attr-defined] # a LabClock
        done, late = await asyncio.wait(closing, timeout=2 * LIMIT_S)
        cached_s = identity.CACHE_MS / 1000
        waited = [task.result() - begun_s + cached_s for task in done]
        scene.faults["late closing"] += len(late) + sum(s > LIMIT_S for s in waited)
        for task in late:
            task.cancel()
    return max(waited, default=0.0)


async def _closed(socket: ClientConnection, scene: Scene) -> float:
    """When the server closed it; what it said before is judged like everything else."""
    scene.cells += 1
    try:
        while True:
            await socket.recv()
    except ConnectionClosed:
        return time.monotonic()


if __name__ == "__main__":
    raise SystemExit(main())
