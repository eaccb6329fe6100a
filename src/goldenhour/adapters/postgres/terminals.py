"""How terminals stand and what is asked of them, in PostgreSQL.

`app.terminals.TerminalBook`, and `DriverBook`: what they said last of a driver's card.
"""

import msgspec

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.terminals import (
    FRAMES_DAYS,
    MOST_FRAMES,
    TOLD_FOR_MS,
    TRACE,
    DriverSaid,
    FramePage,
    KeptFrame,
    OrderRow,
    TerminalState,
)
from goldenhour.kernel.time import HOUR_MS

_STATE = msgspec.json.Decoder(TerminalState)
_DRIVER = msgspec.json.Decoder(DriverSaid)
_ORDER = msgspec.json.Decoder(OrderRow)


class PostgresTerminals:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_states(self, states: list[TerminalState], now_ms: int) -> None:
        if not states:
            return
        async with self._database.unhurried() as connection:
            await connection.execute(
                "insert into terminal_state (phone, content, changed_ms)"
                " select phone, content, %s from unnest(%s::text[], %b::bytea[])"
                " as told (phone, content)"
                " on conflict (phone) do update set content = excluded.content,"
                " changed_ms = excluded.changed_ms",
                (
                    now_ms,
                    [state.phone for state in states],
                    [msgspec.json.encode(state) for state in states],
                ),
            )

    async def look(self, phone: str, now_ms: int) -> TerminalState | None:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "update terminal_state set looked_ms = %s where phone = %s"
                " returning content, changed_ms,"
                " (select d.content from terminal_driver d where d.phone = terminal_state.phone)",
                (now_ms, phone),
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        state = _STATE.decode(row[0])
        if row[2] is not None:
            state = msgspec.structs.replace(state, driver=_DRIVER.decode(row[2]))
        told = now_ms - row[1] <= TOLD_FOR_MS
        return state if told else msgspec.structs.replace(state, connected=False)

    async def keep_frames(self, states: list[TerminalState], now_ms: int) -> None:
        rows = [
            (state.phone, state.since_ms, one.n, one.at_ms, one.sent, bytes.fromhex(one.hex))
            for state in states
            for one in state.trace
        ]
        if not rows:
            return
        async with self._database.system() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "insert into terminal_frame (phone, line_ms, n, at_ms, sent, frame)"
                " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
                rows,
            )
            for phone in {state.phone for state in states}:
                await cursor.execute(
                    "delete from terminal_frame where phone = %(phone)s and (at_ms < %(old)s or"
                    " (line_ms, n) <= (select line_ms, n from terminal_frame"
                    " where phone = %(phone)s order by line_ms desc, n desc"
                    " offset %(most)s limit 1))",
                    {
                        "phone": phone,
                        "old": now_ms - FRAMES_DAYS * 24 * HOUR_MS,
                        "most": MOST_FRAMES,
                    },
                )

    async def list_frames(self, phone: str, before: tuple[int, int] | None) -> FramePage:
        line_ms, n = before or (None, None)
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select line_ms, n, at_ms, sent, frame from terminal_frame"
                " where phone = %s and (%s::bigint is null or (line_ms, n) < (%s, %s))"
                " order by line_ms desc, n desc limit %s",
                (phone, line_ms, line_ms, n, TRACE + 1),
            )
            rows = await cursor.fetchall()
        return FramePage(
            frames=tuple(
                KeptFrame(line_ms=line_ms, n=n, at_ms=at_ms, sent=sent, hex=bytes(frame).hex())
                for line_ms, n, at_ms, sent, frame in rows[:TRACE]
            ),
            more=len(rows) > TRACE,
            most=MOST_FRAMES,
            days=FRAMES_DAYS,
        )

    async def put_driver(self, phone: str, said: DriverSaid) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into terminal_driver (phone, content, heard_ms) values (%s, %s, %s)"
                " on conflict (phone) do update set content = excluded.content,"
                " heard_ms = excluded.heard_ms",
                (phone, msgspec.json.encode(said), said.heard_ms),
            )

    async def list_looked_at(self, since_ms: int) -> set[str]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select phone from terminal_state where looked_ms >= %s", (since_ms,)
            )
            return {str(row[0]) for row in await cursor.fetchall()}

    async def put_order(self, row: OrderRow) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into terminal_order (id, phone, content, asked_ms) values (%s, %s, %s, %s)"
                " on conflict (id) do nothing",
                (row.id, row.phone, msgspec.json.encode(row), row.asked_ms),
            )

    async def list_orders(self, phone: str, most: int) -> list[OrderRow]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select content from terminal_order where phone = %s"
                " order by asked_ms desc, id desc limit %s",
                (phone, most),
            )
            return [_ORDER.decode(row[0]) for row in await cursor.fetchall()]

    async def list_waiting(self) -> list[OrderRow]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select content from terminal_order where done_ms is null order by asked_ms"
            )
            return [_ORDER.decode(row[0]) for row in await cursor.fetchall()]

    async def finish(self, row: OrderRow) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "update terminal_order set content = %s, done_ms = %s where id = %s",
                (msgspec.json.encode(row), row.done_ms, row.id),
            )
