"""The one key of a vehicle's computer, and who can open it.

Everything that the computer writes of patients is sealed by a key that lies on it only wrapped:

- once by a share that the centre gives to a computer that it knows and has not revoked;
- for each tablet that is logged in, by its session, so that after a power cut without a link the
  tablets open the computer by themselves;
- for each person who has logged in here, by the password, for the morning without a centre.

Rule 1: every wrapping takes the computer's own key as well: none of them opens another computer.
Rule 2: a revoked computer forgets every wrapping but the centre's, and the centre gives its share
        to none that is revoked. Nothing is destroyed: a revocation by mistake can be taken back.
Rule 3: the file is written whole or not at all, and is on the disk when a call returns.
Rule 4: a session that has expired and a person who has left the roster have no wrapping.
"""

import os
import threading
from collections.abc import Callable, Collection
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec.structs import replace

from goldenhour.adapters.edge.schema import StoreError
from goldenhour.app.ports import Clock
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.record import Record

KEY_BYTES: Final = 32
MAX_SESSIONS: Final = 20
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_ARGON_TIME, _ARGON_KIB = 3, 65_536
"""The second recommended option of RFC 9106, on one lane: about a quarter of a second."""


class Slot(Record):
    """The key, wrapped once."""

    by: Literal["centre", "session", "password"]
    who: str
    """Of a password: a hash of the username, so that the file names nobody. Else empty."""
    salt: bytes
    wrapped: bytes
    expires_ms: int | None


class KeyFile(Record):
    slots: tuple[Slot, ...]


class Vault:
    """The key file of one vehicle's computer. Its calls take milliseconds, by password more."""

    def __init__(self, path: Path, own_key: str, clock: Clock, entropy: Entropy) -> None:
        """Raises StoreError when the file cannot be read."""
        self._path = path
        self._own_key = own_key.encode()
        self._clock = clock
        self._entropy = entropy
        self._lock = threading.Lock()
        self._key: bytes | None = None
        self._slots = self._read()

    @property
    def opened(self) -> bool:
        return self._key is not None

    def key_for(self, purpose: str) -> bytes:
        """32 bytes of their own for each purpose; the vault is open."""
        if self._key is None:
            raise RuntimeError("the vault is closed")
        return _derive(self._key, b"", purpose)

    # ---- opening

    def open_by_centre(self, share: bytes) -> bool:
        """At the very first start the key is drawn here."""
        with self._lock:
            if not self._slots:
                self._key = self._entropy(KEY_BYTES)
                self._add("centre", share)
                return True
            return self._open("centre", lambda slot: self._wrapping(share, slot))

    def open_by_session(self, token_hash: bytes) -> bool:
        with self._lock:
            return self._open("session", lambda slot: self._wrapping(token_hash, slot))

    def open_by_password(self, username: str, password: str) -> bool:
        with self._lock:
            who = self._who(username)
            return self._open(
                "password",
                lambda slot: self._wrapping(_stretched(password, slot.salt), slot),
                who=who,
            )

    # ---- who else may open it; the vault is open

    def learn_session(self, token_hash: bytes, expires_ms: int) -> None:
        with self._lock:
            self._add("session", token_hash, expires_ms=expires_ms)

    def learn_password(self, username: str, password: str) -> None:
        """Again after each log-in: it may have changed."""
        with self._lock:
            who, salt = self._who(username), self._entropy(_SALT_BYTES)
            self._slots = tuple(s for s in self._slots if (s.by, s.who) != ("password", who))
            self._add("password", _stretched(password, salt), who=who, salt=salt)

    def forget_session(self, token_hash: bytes) -> None:
        with self._lock:
            self._keep(
                tuple(
                    slot
                    for slot in self._slots
                    if slot.by != "session"
                    or _unwrap(slot, self._wrapping(token_hash, slot)) is None
                )
            )

    def keep_people(self, usernames: Collection[str]) -> None:
        """Whoever is not named has no wrapping any more, and no session that has expired."""
        with self._lock:
            known = {self._who(username) for username in usernames}
            slots = (slot for slot in self._slots if not self._expired(slot))
            self._keep(tuple(s for s in slots if s.by != "password" or s.who in known))

    def blind(self) -> None:
        """Revoked: closed, and only the centre can open it again."""
        with self._lock:
            self._key = None
            self._keep(tuple(slot for slot in self._slots if slot.by == "centre"))

    # ---- the file

    def _read(self) -> tuple[Slot, ...]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"{self._path}: {error.strerror}") from error
        try:
            return msgspec.json.decode(content, type=KeyFile).slots
        except msgspec.DecodeError as error:
            raise StoreError(f"{self._path}: {error}") from error

    def _keep(self, slots: tuple[Slot, ...]) -> None:
        if slots != self._slots:
            self._write(slots)
            self._slots = slots

    def _add(
        self,
        by: Literal["centre", "session", "password"],
        secret: bytes,
        *,
        who: str = "",
        salt: bytes | None = None,
        expires_ms: int | None = None,
    ) -> None:
        if self._key is None:
            raise RuntimeError("the vault is closed")
        slot = Slot(
            by=by,
            who=who,
            salt=self._entropy(_SALT_BYTES) if salt is None else salt,
            wrapped=b"",
            expires_ms=expires_ms,
        )
        nonce = self._entropy(_NONCE_BYTES)
        sealed = AESGCM(self._wrapping(secret, slot)).encrypt(nonce, self._key, by.encode())
        lasting = [s for s in self._slots if s.expires_ms is None]
        running = [s for s in self._slots if s.expires_ms is not None and not self._expired(s)]
        newest = running[-MAX_SESSIONS:]
        self._keep((*lasting, *newest, replace(slot, wrapped=nonce + sealed)))

    def _open(
        self,
        by: Literal["centre", "session", "password"],
        wrapping: Callable[[Slot], bytes],
        *,
        who: str = "",
    ) -> bool:
        for slot in self._slots:
            if (slot.by, slot.who) != (by, who) or self._expired(slot):
                continue
            key = _unwrap(slot, wrapping(slot))
            if key is not None:
                self._key = key
                return True
        return False

    def _expired(self, slot: Slot) -> bool:
        return slot.expires_ms is not None and slot.expires_ms <= self._clock.now_ms()

    def _wrapping(self, secret: bytes, slot: Slot) -> bytes:
        return _derive(secret + self._own_key, slot.salt, f"wrapped by {slot.by}")

    def _who(self, username: str) -> str:
        return sha256(self._own_key + username.encode()).hexdigest()

    def _write(self, slots: tuple[Slot, ...]) -> None:
        part = self._path.with_suffix(".new")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(msgspec.json.encode(KeyFile(slots=slots)))
            out.flush()
            os.fsync(out.fileno())
        part.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class SealedFiles:
    """`app.at_rest.AtRest` by AES-256-GCM, a nonce of its own before each piece."""

    added_bytes = _NONCE_BYTES + _TAG_BYTES

    def __init__(self, key: bytes, entropy: Entropy) -> None:
        self._cipher = AESGCM(key)
        self._entropy = entropy

    def seal(self, data: bytes) -> bytes:
        nonce = self._entropy(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, None)

    def unseal(self, data: bytes) -> bytes:
        try:
            return self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None)
        except InvalidTag as error:
            raise ValueError("not sealed by this key, or changed since") from error


def _derive(secret: bytes, salt: bytes, purpose: str) -> bytes:
    return HKDF(
        algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=f"goldenhour {purpose}".encode()
    ).derive(secret)


def _stretched(password: str, salt: bytes) -> bytes:
    return hash_secret_raw(
        password.encode(),
        salt,
        time_cost=_ARGON_TIME,
        memory_cost=_ARGON_KIB,
        parallelism=1,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _unwrap(slot: Slot, wrapping: bytes) -> bytes | None:
    nonce, sealed = slot.wrapped[:_NONCE_BYTES], slot.wrapped[_NONCE_BYTES:]
    try:
        return AESGCM(wrapping).decrypt(nonce, sealed, slot.by.encode())
    except (InvalidTag, ValueError):
        return None
