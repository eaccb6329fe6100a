"""The sealed store of a vehicle: who opens it, what a thief reads, and what a revocation does."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import httpx
import msgspec
import pytest

from factories.cabin import film, recorder
from factories.ecg_files import UNIT
from factories.edge_centre import ROSTER, numeric_set
from factories.jt1078 import filmed, key_frame
from factories.office import opened
from factories.ultrasound import file_of, picture
from factories.world import START_MS, FakeClock
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.ecg import ImportFolder, SegmentStore
from goldenhour.adapters.edge import EdgeAccounts, EdgeStore, SealedFiles, StoreError, Vault
from goldenhour.adapters.edge.vault import KeyFile
from goldenhour.adapters.files import FileFolder
from goldenhour.adapters.files.store import PIECE_BYTES
from goldenhour.adapters.jt1078 import VideoFolder
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web.identity import MAX_ATTEMPTS, token_hash
from goldenhour.adapters.web.locked import create_locked_app
from goldenhour.app.at_rest import PLAIN, AtRest
from goldenhour.app.devices import register, restore, revoke
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.edge import Share
from goldenhour.app.files import FileOrigin
from goldenhour.app.images import ImageOrigin
from goldenhour.app.uplinks import DataClass
from goldenhour.kernel.files import FileKind
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import Strip

SHARE, OWN = b"s" * 32, "own key of the box"
LATER_MS = START_MS + 60_000


def vault_of(folder: Path, clock: FakeClock | None = None, own: str = OWN) -> Vault:
    """As after a start of the computer."""
    return Vault(folder / "keys.json", own, clock or FakeClock(), os.urandom)


def opened_vault(folder: Path, clock: FakeClock | None = None) -> Vault:
    vault = vault_of(folder, clock)
    assert vault.open_by_centre(SHARE)
    return vault


# ---- who opens it


def test_the_centres_share_opens_what_it_opened_first(tmp_path: Path) -> None:
    first = opened_vault(tmp_path)
    again = opened_vault(tmp_path)
    assert again.key_for("journal") == first.key_for("journal") != first.key_for("files")
    assert not vault_of(tmp_path).open_by_centre(b"t" * 32)
    assert not vault_of(tmp_path, own="another box").open_by_centre(SHARE)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_nothing_comes_out_of_a_closed_vault(tmp_path: Path) -> None:
    vault = vault_of(tmp_path)
    assert not vault.opened
    with pytest.raises(RuntimeError):
        vault.key_for("journal")
    with pytest.raises(RuntimeError):
        vault.learn_session(b"token", LATER_MS)


def test_a_tablet_has_one_key_for_as_long_as_the_computer_has(tmp_path: Path) -> None:
    first, again = opened_vault(tmp_path), opened_vault(tmp_path)
    assert first.key_for("tablet one") == again.key_for("tablet one") != first.key_for("tablet two")
    again.blind()
    with pytest.raises(RuntimeError):
        again.key_for("tablet one")


def test_a_tablet_that_is_logged_in_opens_it_without_a_link(tmp_path: Path) -> None:
    clock = FakeClock()
    vault = opened_vault(tmp_path, clock)
    vault.learn_session(b"token", LATER_MS)
    again = vault_of(tmp_path, clock)
    assert not again.open_by_session(b"other")
    assert again.open_by_session(b"token")
    assert again.key_for("files") == vault.key_for("files")
    again.forget_session(b"token")
    assert not vault_of(tmp_path, clock).open_by_session(b"token")


def test_a_session_that_has_expired_opens_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    opened_vault(tmp_path, clock).learn_session(b"token", LATER_MS)
    clock.at_ms = LATER_MS
    assert not vault_of(tmp_path, clock).open_by_session(b"token")


def test_a_password_opens_it_until_it_changes_or_its_person_leaves(tmp_path: Path) -> None:
    vault = opened_vault(tmp_path)
    vault.learn_password("zhang", "a long password")
    vault.learn_password("li", "another long one")
    assert not vault_of(tmp_path).open_by_password("zhang", "another long one")
    assert vault_of(tmp_path).open_by_password("zhang", "a long password")
    vault.learn_password("zhang", "a new password")
    assert not vault_of(tmp_path).open_by_password("zhang", "a long password")
    vault.keep_people(["li"])
    assert not vault_of(tmp_path).open_by_password("zhang", "a new password")
    assert vault_of(tmp_path).open_by_password("li", "another long one")
    assert b"zhang" not in (tmp_path / "keys.json").read_bytes()


def slots_of(folder: Path) -> list[str]:
    content = (folder / "keys.json").read_bytes()
    return [slot.by for slot in msgspec.json.decode(content, type=KeyFile).slots]


def test_with_the_people_go_the_sessions_that_have_expired(tmp_path: Path) -> None:
    clock = FakeClock()
    vault = opened_vault(tmp_path, clock)
    vault.learn_session(b"token", LATER_MS)
    vault.learn_session(b"newer", LATER_MS + 1)
    clock.at_ms = LATER_MS
    vault.keep_people([])
    assert slots_of(tmp_path) == ["centre", "session"]
    assert vault_of(tmp_path, clock).open_by_session(b"newer")


async def test_a_new_roster_takes_the_key_of_who_is_not_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = opened_vault(tmp_path)
    for username in ("zhang", "li"):
        vault.learn_password(username, f"the password of {username}")
    store = EdgeStore(tmp_path / "journal.sqlite", os.urandom, FakeClock())
    accounts = EdgeAccounts(store, vault)

    def full(_slots: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(vault, "_write", full)
        await accounts.keep_people(ROSTER)  # it is logged, and the link goes on
    assert slots_of(tmp_path) == ["centre", "password", "password"]
    await accounts.keep_people(ROSTER)
    assert not vault_of(tmp_path).open_by_password("li", "the password of li")
    assert vault_of(tmp_path).open_by_password("zhang", "the password of zhang")
    vault.blind()
    await accounts.keep_people(ROSTER)
    assert slots_of(tmp_path) == ["centre"]
    await store.close()


def test_a_revoked_computer_is_opened_by_the_centre_alone(tmp_path: Path) -> None:
    vault = opened_vault(tmp_path)
    key = vault.key_for("journal")
    vault.learn_session(b"token", LATER_MS)
    vault.learn_password("zhang", "a long password")
    vault.blind()
    assert not vault.opened
    stolen = vault_of(tmp_path)
    assert not stolen.open_by_session(b"token")
    assert not stolen.open_by_password("zhang", "a long password")
    assert stolen.open_by_centre(SHARE)  # the revocation was a mistake, and was taken back
    assert stolen.key_for("journal") == key


def test_a_broken_key_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(b'{"slots": [{')
    with pytest.raises(StoreError, match=r"keys\.json"):
        vault_of(tmp_path)


# ---- what a thief reads


ECG, FILE, DEVICE = b"a packet of ECG in the clear", b"SCP-ECG of Zhou Jianming", b"monitor-1"
PHOTO = b"a photo of a wound"


async def leave_traces(folder: Path, key: bytes | None, at_rest: AtRest) -> list[bytes]:
    """Something in each store of a vehicle; gives what must not be found there afterwards."""
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 (one small folder)
    store = EdgeStore(folder / "journal.sqlite", os.urandom, FakeClock(), key)
    await store.append_numerics([numeric_set(START_MS)])
    await store.close()
    strips = SegmentStore(folder / "ecg", at_rest)
    await strips.append(
        [Strip(unit_id=UNIT, epoch=1, sequence=0, key=True, received_ms=START_MS, data=ECG)]
    )
    await strips.close()
    about = ImportedEcg(
        sha256=hashlib.sha256(FILE).hexdigest(),
        patient_id="patient-1",
        mission_id="run-1",
        incident_id="case-1",
        name="zhou.ecg",
        kind="edf",
        size_bytes=len(FILE),
        device="",
        device_ms=None,
        leads=("I",),
        rate_hz=500.0,
        samples=1,
        test=True,
        notes=(),
        received_ms=START_MS,
        by="zhang",
        org=f"unit:{UNIT}",
    )
    await ImportFolder(folder / "ecg-files", at_rest).keep(about, FILE)
    image = file_of(picture())
    origin = ImageOrigin(
        sha256=hashlib.sha256(image).hexdigest(),
        size_bytes=len(image),
        mission_id="run-1",
        patient_id="patient-1",
        device="US-1",
        received_ms=START_MS,
    )
    await ImageFolder(folder / "images", at_rest).keep(origin, image)
    async with FileFolder(folder / "files", at_rest).incoming() as coming:
        await coming.write(PHOTO)
        about_photo = FileOrigin(
            sha256=await coming.finish(),
            size_bytes=len(PHOTO),
            patient_id="patient-1",
            mission_id="run-1",
            kind=FileKind.PHOTO,
            media_type="image/x-of-zhou",
            received_ms=START_MS,
        )
        await coming.keep(about_photo, 1)
    cabin = VideoFolder(folder / "video", None if at_rest is PLAIN else at_rest)
    made = recorder(cabin)
    await film(made, "run-1", filmed(START_MS, START_MS + 1_000))
    await made.close()
    return [
        *(ECG, FILE, DEVICE, b"zhou.ecg", b"US-1", image[-64:], key_frame(), PHOTO, b"x-of-zhou"),
        b"crc32",  # of what an index of ECG says
    ]


def found(folder: Path, traces: list[bytes]) -> list[bytes]:
    on_disk = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return [trace for trace in traces if any(trace in content for content in on_disk)]


async def test_a_stolen_disk_shows_nothing_of_a_patient(tmp_path: Path) -> None:
    vault = opened_vault(tmp_path)
    at_rest = SealedFiles(vault.key_for("files"), os.urandom)
    traces = await leave_traces(tmp_path / "sealed", vault.key_for("journal"), at_rest)
    assert found(tmp_path / "sealed", traces) == []
    assert await leave_traces(tmp_path / "plain", None, PLAIN) == traces
    assert found(tmp_path / "plain", traces) == traces  # the search itself finds what lies open


async def test_what_was_sealed_comes_back_with_its_key_and_with_no_other(tmp_path: Path) -> None:
    vault, clock = opened_vault(tmp_path), FakeClock()
    key, at_rest = vault.key_for("journal"), SealedFiles(vault.key_for("files"), os.urandom)
    await leave_traces(tmp_path, key, at_rest)
    store = EdgeStore(tmp_path / "journal.sqlite", os.urandom, clock, key)
    assert await store.list_numerics(UNIT, 0, START_MS + 1) == [numeric_set(START_MS)]
    await store.close()
    for wrong in (None, vault.key_for("files")):
        with pytest.raises(StoreError, match="not a database"):
            EdgeStore(tmp_path / "journal.sqlite", os.urandom, clock, wrong)
    (file,) = await ImportFolder(tmp_path / "ecg-files", at_rest).list_files("patient-1")
    kept = await ImportFolder(tmp_path / "ecg-files", at_rest).find_file("patient-1", file.sha256)
    assert kept == (file, FILE)
    (image,) = await ImageFolder(tmp_path / "images", at_rest).list_images("run-1")
    data = await ImageFolder(tmp_path / "images", at_rest).find_image("run-1", image.origin.sha256)
    assert data is not None
    assert hashlib.sha256(data[1]).hexdigest() == image.origin.sha256
    other = SealedFiles(b"o" * 32, os.urandom)
    with pytest.raises(ValueError, match="not sealed by this key"):
        await ImportFolder(tmp_path / "ecg-files", other).list_files("patient-1")


@pytest.mark.parametrize("cut", [0, 5, 12, 27])
def test_what_is_too_short_or_changed_was_not_sealed_by_us(cut: int) -> None:
    at_rest = SealedFiles(b"k" * 32, os.urandom)
    sealed = at_rest.seal(b"a word")
    assert at_rest.unseal(sealed) == b"a word"
    with pytest.raises(ValueError, match=r"."):
        at_rest.unseal(sealed[:cut])
    with pytest.raises(ValueError, match="changed since"):
        at_rest.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]))


@pytest.mark.parametrize("at_rest", [PLAIN, SealedFiles(b"k" * 32, os.urandom)])
async def test_a_film_is_read_in_any_part_and_known_when_it_was_changed(
    tmp_path: Path, at_rest: AtRest
) -> None:
    store, film_bytes = FileFolder(tmp_path, at_rest), os.urandom(2 * PIECE_BYTES + 5_000)
    async with store.incoming() as coming:
        for at in range(0, len(film_bytes), 300_000):
            await coming.write(film_bytes[at : at + 300_000])
        origin = FileOrigin(
            sha256=await coming.finish(),
            size_bytes=len(film_bytes),
            patient_id="patient-1",
            mission_id="run-1",
            kind=FileKind.BODY_CAMERA,
            media_type="video/mp4",
            received_ms=START_MS,
        )
        await coming.keep(origin, 1)
    assert origin.sha256 == hashlib.sha256(film_bytes).hexdigest()
    for at, count in (
        *((0, 10), (PIECE_BYTES - 5, 10), (PIECE_BYTES, PIECE_BYTES), (7, 2 * PIECE_BYTES)),
        *((len(film_bytes) - 10, 100), (len(film_bytes), 10)),
    ):
        assert (
            await store.read("patient-1", origin.sha256, at, count) == (film_bytes[at : at + count])
        )
    (parcel,) = await store.list_parcels(DataClass.VIDEO)
    (path,) = tmp_path.rglob("*.bin")  # noqa: ASYNC240 (one small folder)
    changed = bytearray(path.read_bytes())
    changed[PIECE_BYTES + 100] ^= 1
    path.write_bytes(changed)
    assert not await FileFolder(tmp_path, at_rest).is_whole(parcel)


# ---- the centre's side


async def test_the_share_is_given_to_a_computer_that_is_not_revoked(database: Database) -> None:
    async with opened(database, edge=True) as office:
        made = await register(
            office.accounts,
            office.world.entropy,
            kind="edge",
            unit_id=UNIT,
            call_sign="A-01",
            device_id="",
        )
        assert not isinstance(made, Refused)
        assert made.vehicle is not None
        own = made.vehicle.key

        async def ask(key: str) -> httpx.Response:
            office.world.clock.at_ms += 10_000  # what the door remembers of devices is old
            headers = {"Authorization": f"Edge start:{key}"}
            return await office.client.get("/api/edge/share", headers=headers)

        answer = await ask(own)
        assert answer.status_code == 200
        share = msgspec.json.decode(answer.content, type=Share).share
        assert len(share) == 32
        assert share.hex() != own
        await revoke(office.accounts, made.device)
        answer = await ask(own)
        assert (answer.status_code, answer.json()["code"]) == (401, "device_revoked")
        answer = await ask("of nobody")
        assert (answer.status_code, answer.json()["code"]) == (401, "no_session")
        assert await restore(office.accounts, made.device) is None
        assert msgspec.json.decode((await ask(own)).content, type=Share).share == share


# ---- the pages of a closed store


class Paper:
    """A lock that opens to one token and one password."""

    def __init__(self) -> None:
        self.is_open = False
        self.revoked = False
        self.tried = 0

    def state(self) -> Literal["locked", "opening", "revoked"]:
        return "opening" if self.is_open else "revoked" if self.revoked else "locked"

    async def try_session(self, token: bytes) -> None:
        self.is_open |= token == token_hash("right")

    async def try_password(self, username: str, password: str) -> None:
        self.tried += 1
        self.is_open |= (username, password) == ("zhang", "a long password")


@pytest.fixture
async def closed() -> AsyncIterator[tuple[Paper, httpx.AsyncClient]]:
    paper = Paper()
    app = create_locked_app(paper, FakeClock(), "goldenhour_vehicle", Path("none"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://box.local") as client:
        yield paper, client


Closed = tuple[Paper, httpx.AsyncClient]


async def test_a_closed_store_says_so_to_every_question(closed: Closed) -> None:
    paper, client = closed
    for method, path in (("GET", "/api/session"), ("POST", "/api/commands"), ("GET", "/api/x/y")):
        answer = await client.request(method, path, json={})
        assert (answer.status_code, answer.json()["code"]) == (423, "box_locked")
    assert (await client.get("/health/ready")).status_code == 503
    assert (await client.get("/crew")).status_code == 503  # no pages are built here
    paper.revoked = True
    assert (await client.get("/api/session")).json()["code"] == "box_revoked"


async def test_a_session_or_a_password_opens_it(closed: Closed) -> None:
    paper, client = closed
    for token in ("wrong", "right"):
        assert not paper.is_open
        answer = await client.get("/api/live", headers={"cookie": f"goldenhour_vehicle={token}"})
    assert (answer.status_code, answer.json()["code"]) == (503, "box_opening")
    paper.is_open = False
    for password, code in (("a guess", "box_locked"), ("a long password", "box_opening")):
        body = {"username": "zhang", "password": password}
        answer = await client.post("/api/session", json=body)
        assert answer.json()["code"] == code


async def test_passwords_cannot_be_tried_without_end(closed: Closed) -> None:
    paper, client = closed
    body = {"username": "zhang", "password": "a guess"}
    answers = [await client.post("/api/session", json=body) for _ in range(MAX_ATTEMPTS + 1)]
    assert [answer.status_code for answer in answers] == [423] * MAX_ATTEMPTS + [429]
    assert paper.tried == MAX_ATTEMPTS


async def test_a_revoked_computer_tries_nothing(closed: Closed) -> None:
    paper, client = closed
    paper.revoked = True
    body = {"username": "zhang", "password": "a long password"}
    answer = await client.post(
        "/api/session", json=body, headers={"cookie": "goldenhour_vehicle=right"}
    )
    assert answer.json()["code"] == "box_revoked"
    assert not paper.is_open
