"""People, sessions and devices, as the application needs them."""

from collections.abc import Sequence
from typing import Protocol

from goldenhour.app.access import Organisation, Role
from goldenhour.app.organisations import Holds
from goldenhour.app.ports import (
    Terminal,
    TerminalClock,
    TerminalLength,
    TerminalProfile,
    TerminalReads,
)
from goldenhour.kernel.datum import Datum
from goldenhour.kernel.record import Record


class Person(Record):
    id: str
    username: str
    name: str
    role: Role
    org: str
    seat: str
    unit_id: str
    hospital_id: str
    password_hash: str
    totp_secret: str
    """Empty: no second factor has been set up."""
    active: bool
    demo: bool
    physician: bool = False
    """A licensed physician, who signs what only a physician may."""


class DemoAccount(Record):
    username: str
    password: str
    role: str
    name: str
    url: str
    org: str


class Device(Record):
    """A terminal, monitor, vehicle computer, fallback seat or caller gateway that may speak."""

    id: str
    kind: str
    unit_id: str
    key: str
    enabled: bool
    seen_ms: int | None = None
    """When it was last connected, to half a minute."""
    datum: str = Datum.WGS84
    """A terminal's profile: `kernel.datum.Datum`, then of `app.ports`."""
    clock: str = TerminalClock.CHINA
    length: str = TerminalLength.STATED
    reads: str = TerminalReads.NO
    key_given_ms: int | None = None
    """When a terminal fetched its key by registering; None: it may still do so. Only
    `note_key_given`, `forget_key_given` and another key change it."""
    org: str = ""
    """The centre of a fallback seat; empty for what belongs to a vehicle."""
    seat: str = ""


def terminal_of(device: Device) -> Terminal:
    return Terminal(
        phone=device.id,
        unit_id=device.unit_id,
        key=device.key,
        enabled=device.enabled,
        profile=TerminalProfile(
            datum=Datum(device.datum),
            clock=TerminalClock(device.clock),
            length=TerminalLength(device.length),
            reads=TerminalReads(device.reads),
        ),
    )


class SessionSummary(Record):
    person_id: str
    open_sessions: int
    last_seen_ms: int


class Accounts(Protocol):
    async def list_organisations(self) -> list[Organisation]: ...
    async def put_organisation(self, row: Organisation) -> None: ...
    async def put_organisations(self, rows: Sequence[Organisation]) -> None:
        """All of them or none."""

    async def holds(self, orgs: tuple[str, ...], now_ms: int) -> Holds: ...
    async def find_person(self, person_id: str) -> Person | None: ...
    async def find_username(self, username: str) -> Person | None: ...
    async def list_people(self) -> list[Person]: ...
    async def list_sessions(self, now_ms: int) -> list[SessionSummary]: ...
    async def put_person(self, person: Person, now_ms: int) -> None: ...
    async def open_session(
        self, token_hash: bytes, person_id: str, now_ms: int, expires_ms: int
    ) -> None: ...
    async def find_session(self, token_hash: bytes, now_ms: int) -> Person | None:
        """The person behind an open session; None when it ended, expired or was revoked."""

    async def close_session(self, token_hash: bytes, now_ms: int) -> None: ...
    async def revoke_sessions(self, person_id: str, now_ms: int) -> None: ...
    async def find_device(self, device_id: str, kind: str) -> Device | None: ...
    async def list_devices(self, kind: str) -> Sequence[Device]: ...
    async def digest_devices(self, kind: str) -> str:
        """Another one after any change of who they are, whose, and whether they may speak."""

    async def put_device(self, device: Device) -> None: ...
    async def forget_key_given(self, device_id: str) -> None: ...
    async def saw_devices(self, device_ids: Sequence[str], now_ms: int) -> None: ...
    async def log_access(
        self, at_ms: int, person: str, action: str, subject: str, outcome: str
    ) -> None: ...
