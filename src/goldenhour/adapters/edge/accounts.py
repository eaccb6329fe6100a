"""Log-in on a vehicle or a fallback seat with the link down: whom the centre's roster names.

Rule 1: who is not on the newest roster has no session, however long it would have lasted.
Rule 2: who has which role is the roster's word: crew on a vehicle, the desk at a seat.
Rule 3: whoever is logged in can open the sealed store after a power cut. A person who has left the
        roster opens it by no password any more.
"""

import asyncio

import structlog

from goldenhour.adapters.edge.store import EdgeStore
from goldenhour.adapters.edge.vault import Vault
from goldenhour.app.access import Organisation, Role
from goldenhour.app.accounts import Person
from goldenhour.app.edge import Roster

_log = structlog.get_logger(__name__)


class EdgeAccounts:
    """The part of `app.accounts.Accounts` that a log-in needs."""

    def __init__(self, store: EdgeStore, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    async def find_person(self, person_id: str) -> Person | None:
        return next((p for p in await self.list_people() if p.id == person_id), None)

    async def find_username(self, username: str) -> Person | None:
        return next((p for p in await self.list_people() if p.username == username), None)

    async def open_session(
        self, token_hash: bytes, person_id: str, now_ms: int, expires_ms: int
    ) -> None:
        await self._store.open_session(token_hash, person_id, now_ms, expires_ms)
        await asyncio.to_thread(self._vault.learn_session, token_hash, expires_ms)

    async def find_session(self, token_hash: bytes, now_ms: int) -> Person | None:
        person_id = await self._store.find_session(token_hash, now_ms)
        return None if person_id is None else await self.find_person(person_id)

    async def close_session(self, token_hash: bytes, now_ms: int) -> None:  # noqa: ARG002 (the port's form; a session that ended is simply gone here)
        await self._store.close_session(token_hash)
        await asyncio.to_thread(self._vault.forget_session, token_hash)

    async def revoke_sessions(self, person_id: str, now_ms: int) -> None:  # noqa: ARG002 (as above)
        await self._store.revoke_sessions(person_id)

    async def learn_password(self, person: Person, password: str) -> None:
        # A demo's passwords are known to everybody.
        if not person.demo:
            await asyncio.to_thread(self._vault.learn_password, person.username, password)

    async def keep_people(self, roster: Roster) -> None:
        """After each roster. What cannot be written now is written after the next one."""
        usernames = [person.username for person in roster.people]
        try:
            await asyncio.to_thread(self._vault.keep_people, usernames)
        except OSError as error:
            _log.error("edge.keys_not_written", reason=repr(error))

    async def log_access(
        self, at_ms: int, person: str, action: str, subject: str, outcome: str
    ) -> None:
        """Nobody keeps an access log here; what people do is told to the centre in their names."""

    async def list_organisations(self) -> list[Organisation]:
        """The computer's own; the tree is the centre's."""
        roster = self._store.find_roster()
        if roster is None:
            return []
        name = roster.call_sign
        own = Organisation(id=roster.org, parent="", kind="centre", name=name, name_en=name)
        return [own]

    async def list_people(self) -> list[Person]:
        roster = self._store.find_roster()
        if roster is None:
            return []
        return [
            Person(
                id=entry.person_id,
                username=entry.username,
                name=entry.name,
                role=Role(entry.role or Role.CREW),
                org=entry.org,
                seat=entry.seat,
                unit_id=roster.unit_id,
                hospital_id="",
                password_hash=entry.password_hash,
                totp_secret=entry.totp_secret,
                active=True,
                demo=entry.demo,
                physician=entry.physician,
            )
            for entry in roster.people
        ]
