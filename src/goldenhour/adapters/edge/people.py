"""Who may log in on this vehicle, and who is logged in."""

import msgspec

from goldenhour.adapters.edge.schema import Database
from goldenhour.app.edge import Roster


class People:
    def __init__(self, database: Database) -> None:
        self._db = database

    def put_roster(self, roster: Roster) -> None:
        self._db.execute("update own_installation set roster = ?", (msgspec.json.encode(roster),))

    def find_roster(self) -> Roster | None:
        content = self._db.one("select roster from own_installation")
        return None if content is None else msgspec.json.decode(content, type=Roster)

    def open_session(self, token_hash: bytes, person_id: str, now_ms: int, expires_ms: int) -> None:
        with self._db.transaction():
            self._db.execute("delete from session where expires_ms <= ?", (now_ms,))
            self._db.execute(
                "insert into session (token_hash, person_id, expires_ms) values (?, ?, ?)",
                (token_hash, person_id, expires_ms),
            )

    def find_session(self, token_hash: bytes, now_ms: int) -> str | None:
        found = self._db.column(
            "select person_id from session where token_hash = ? and expires_ms > ?",
            token_hash,
            now_ms,
        )
        return found[0] if found else None

    def close_session(self, token_hash: bytes) -> None:
        self._db.execute("delete from session where token_hash = ?", (token_hash,))

    def revoke_sessions(self, person_id: str) -> None:
        self._db.execute("delete from session where person_id = ?", (person_id,))
