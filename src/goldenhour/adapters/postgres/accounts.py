"""People, organisations, sessions and devices on PostgreSQL."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg.rows import class_row, kwargs_row

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Organisation, Role
from goldenhour.app.accounts import Device, Person, SessionSummary, terminal_of
from goldenhour.app.organisations import Holds
from goldenhour.app.ports import Terminal

_PERSON: Final = (
    "id, username, name, role, org, seat, unit_id, hospital_id, password_hash, totp_secret,"
    " active, demo, physician"
)
_DEVICE: Final = (
    "id, kind, unit_id, key, enabled, seen_ms, datum, clock, length, reads, key_given_ms, org, seat"
)
_SEEN_EVERY_MS: Final = 30_000


def _person_of(*, role: str, **columns: Any) -> Person:
    return Person(role=Role(role), **columns)


class PostgresAccounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_organisations(self) -> list[Organisation]:
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=class_row(Organisation)) as cursor,
        ):
            await cursor.execute(
                "select id, coalesce(parent, '') as parent, kind, name, name_en, edited_ms,"
                " closed_ms from organisation order by name, id"
            )
            return await cursor.fetchall()

    async def put_organisation(self, row: Organisation) -> None:
        await self.put_organisations((row,))

    async def put_organisations(self, rows: Sequence[Organisation]) -> None:
        async with self._database.system() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "insert into organisation (id, parent, kind, name, name_en, edited_ms, closed_ms)"
                " values (%s, %s, %s, %s, %s, %s, %s) on conflict (id) do update set"
                " parent = excluded.parent, name = excluded.name, name_en = excluded.name_en,"
                " edited_ms = excluded.edited_ms, closed_ms = excluded.closed_ms",
                [
                    (
                        *(row.id, row.parent or None, row.kind, row.name, row.name_en),
                        *(row.edited_ms, row.closed_ms),
                    )
                    for row in rows
                ],
            )

    async def holds(self, orgs: tuple[str, ...], now_ms: int) -> Holds:
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=class_row(Holds)) as cursor,
        ):
            await cursor.execute(
                "select (select count(*) from person where active and org = any (%(orgs)s))::int"
                " as people, (select count(*) from device where enabled"
                " and ('unit:' || unit_id = any (%(orgs)s) or org = any (%(orgs)s)))::int"
                " as devices,"
                " (select count(*) from stream_head h where h.topic = 'mission' and h.is_open"
                " and (h.owner = any (%(orgs)s) or exists (select from access_grant g"
                " where g.stream = h.stream and g.org = any (%(orgs)s)"
                " and (g.until_ms is null or g.until_ms > %(now_ms)s))))::int as missions",
                {"orgs": list(orgs), "now_ms": now_ms},
            )
            found = await cursor.fetchone()
        assert found is not None
        return found

    async def find_person(self, person_id: str) -> Person | None:
        return await self._person("id = %s", person_id)

    async def find_username(self, username: str) -> Person | None:
        return await self._person("username = %s", username)

    async def _person(self, where: str, *values: object) -> Person | None:
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=kwargs_row(_person_of)) as cursor,
        ):
            await cursor.execute(f"select {_PERSON} from person where {where}", values)  # noqa: S608 (constants of this file)
            return await cursor.fetchone()

    async def list_people(self) -> list[Person]:
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=kwargs_row(_person_of)) as cursor,
        ):
            await cursor.execute(f"select {_PERSON} from person order by username")  # noqa: S608 (constants of this file)
            return await cursor.fetchall()

    async def list_sessions(self, now_ms: int) -> list[SessionSummary]:
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=class_row(SessionSummary)) as cursor,
        ):
            await cursor.execute(
                "select person_id, (count(*) filter (where revoked_ms is null and expires_ms > %s))"
                "::int as open_sessions, max(seen_ms) as last_seen_ms"
                " from session group by person_id",
                (now_ms,),
            )
            return await cursor.fetchall()

    async def put_person(self, person: Person, now_ms: int) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                f"insert into person ({_PERSON}, changed_ms)"  # noqa: S608 (constants of this file)
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict (id) do update set username = excluded.username,"
                " name = excluded.name, role = excluded.role, org = excluded.org,"
                " seat = excluded.seat, unit_id = excluded.unit_id,"
                " hospital_id = excluded.hospital_id, password_hash = excluded.password_hash,"
                " totp_secret = excluded.totp_secret, active = excluded.active,"
                " physician = excluded.physician,"
                " changed_ms = excluded.changed_ms",
                (
                    person.id,
                    person.username,
                    person.name,
                    person.role,
                    person.org,
                    person.seat,
                    person.unit_id,
                    person.hospital_id,
                    person.password_hash,
                    person.totp_secret,
                    person.active,
                    person.demo,
                    person.physician,
                    now_ms,
                ),
            )

    async def open_session(
        self, token_hash: bytes, person_id: str, now_ms: int, expires_ms: int
    ) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into session (token_hash, person_id, made_ms, seen_ms, expires_ms)"
                " values (%s, %s, %s, %s, %s)",
                (token_hash, person_id, now_ms, now_ms, expires_ms),
            )

    async def find_session(self, token_hash: bytes, now_ms: int) -> Person | None:
        return await self._person(
            "active and id = (select person_id from session where token_hash = %s"
            " and revoked_ms is null and expires_ms > %s)",
            token_hash,
            now_ms,
        )

    async def close_session(self, token_hash: bytes, now_ms: int) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "update session set revoked_ms = %s where token_hash = %s", (now_ms, token_hash)
            )

    async def revoke_sessions(self, person_id: str, now_ms: int) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "update session set revoked_ms = %s where person_id = %s and revoked_ms is null",
                (now_ms, person_id),
            )

    async def find_device(self, device_id: str, kind: str) -> Device | None:
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=class_row(Device)) as cursor,
        ):
            await cursor.execute(
                f"select {_DEVICE} from device where id = %s and kind = %s",  # noqa: S608 (constants of this file)
                (device_id, kind),
            )
            return await cursor.fetchone()

    async def list_devices(self, kind: str) -> list[Device]:
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=class_row(Device)) as cursor,
        ):
            await cursor.execute(
                f"select {_DEVICE} from device where kind = %s order by id",  # noqa: S608 (constants of this file)
                (kind,),
            )
            return await cursor.fetchall()

    async def digest_devices(self, kind: str) -> str:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select coalesce(sum(hashtextextended(concat_ws('|', id, unit_id, key, enabled,"
                " datum, clock, length, reads, org, seat), 0)), 0)::text"
                " from device where kind = %s",
                (kind,),
            )
            row = await cursor.fetchone()
        assert row is not None
        return str(row[0])

    async def put_device(self, device: Device) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into device (id, kind, unit_id, key, enabled, datum, clock, length,"
                " reads, org, seat) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict (id) do update set kind = excluded.kind, unit_id = excluded.unit_id,"
                " key = excluded.key, enabled = excluded.enabled, datum = excluded.datum,"
                " clock = excluded.clock, length = excluded.length, reads = excluded.reads,"
                " key_given_ms = case when device.key = excluded.key then device.key_given_ms end",
                (
                    *(device.id, device.kind, device.unit_id, device.key, device.enabled),
                    *(device.datum, device.clock, device.length, device.reads),
                    *(device.org, device.seat),
                ),
            )

    async def saw_devices(self, device_ids: Sequence[str], now_ms: int) -> None:
        """Written at most twice a minute a device."""
        if not device_ids:
            return
        async with self._database.unhurried() as connection:
            await connection.execute(
                "update device set seen_ms = %s where id = any (%s) and coalesce(seen_ms, 0) < %s",
                (now_ms, list(device_ids), now_ms - _SEEN_EVERY_MS),
            )

    async def find_terminal(self, phone: str) -> Terminal | None:
        """The 808 gateway's directory."""
        device = await self.find_device(phone, "terminal")
        return None if device is None else terminal_of(device)

    async def note_key_given(self, phone: str, now_ms: int) -> bool:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "update device set key_given_ms = %s"
                " where id = %s and kind = 'terminal' and key_given_ms is null",
                (now_ms, phone),
            )
            return cursor.rowcount == 1

    async def forget_key_given(self, device_id: str) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "update device set key_given_ms = null where id = %s", (device_id,)
            )

    async def log_access(
        self, at_ms: int, person: str, action: str, subject: str, outcome: str
    ) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into access_log (at_ms, person, action, subject, outcome)"
                " values (%s, %s, %s, %s, %s)",
                (at_ms, person, action, subject, outcome),
            )
