"""What a vehicle records in a drill, turn by turn, and whether all of it stands afterwards.

A turn is a packet of ECG and a set of vital signs, as the monitors say them; now and then a charted
set, a photo of the record, an ultrasound picture. Everything follows from its number, so whoever
knows how much was acknowledged can tell what must be there.

Checked: nothing acknowledged is lost, nothing is there twice, ECG, photos and pictures are there
bit for bit, the vehicle's own hash chains are whole, and nothing on the disk is in the clear.
"""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Final

import msgspec
import numpy as np

from goldenhour.adapters.ecg import strip_of
from goldenhour.app.edge import Upload, UploadItem
from goldenhour.app.files import FileOrigin
from goldenhour.app.handle import handle
from goldenhour.app.images import ImageOrigin
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.app.origin import origin_after
from goldenhour.app.uplinks import DataClass
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import PatientRegistered, VitalsCharted
from goldenhour.domain.case import decode_event
from goldenhour.kernel.chain import GENESIS
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.main.box import Box
from goldenhour.main.clock import SystemClock
from goldenhour.simulator.ecg_packets import PACKETS_A_SECOND, Packetizer
from goldenhour.simulator.ecg_source import load_recording
from goldenhour.wire.ecg_stream import wrap

RATE_HZ: Final = 500
EPOCH: Final = 7
TABLET: Final = "tablet"
MONITOR: Final = "monitor"
CHARTED: Final = "charted"
NAME: Final = "周建明"
"""Of the patient; on a sealed disk nobody finds it."""
CHART_EVERY: Final = 5
FILE_EVERY: Final = 20
_PHOTO_BYTES: Final = 40_000
_PICTURE_BYTES: Final = 60_000
_MARK: Final = b"a drill's file, in the clear"
_NEWEST: Final = 1 << 62
_LENGTH_BYTES: Final = 2


def write_packets(path: Path, seconds: int) -> None:
    """One recording in a loop, as the double of an ECG source plays it.

    Of each packet its length, u16, and its bytes.
    """
    recording = load_recording(RATE_HZ)
    maker = Packetizer(
        device_id="E-1",
        epoch=EPOCH,
        rate_hz=RATE_HZ,
        channels=recording.channels,
        replay=True,
    )
    at = 0
    with path.open("wb") as out:
        for _ in range(seconds * PACKETS_A_SECOND):
            wanted = np.arange(at, at + maker.next_count()) % len(recording.samples)
            out.write(wrap(maker.packet(recording.samples[wanted], 1_000_000 + 2 * at)))
            at += len(wanted)


def read_packets(path: Path) -> list[bytes]:
    data, packets, at = path.read_bytes(), [], 0
    while at < len(data):
        end = at + _LENGTH_BYTES + int.from_bytes(data[at : at + _LENGTH_BYTES], "little")
        packets.append(data[at + _LENGTH_BYTES : end])
        at = end
    return packets


def photo(number: int) -> bytes:
    return _MARK + Random(number).randbytes(_PHOTO_BYTES)  # noqa: S311 (a drill must be repeatable)


def picture(number: int) -> bytes:
    return _MARK + Random(-number).randbytes(_PICTURE_BYTES)  # noqa: S311 (as above)


async def keep_photo(box: Box, mission_id: str, patient_id: str, data: bytes) -> FileOrigin:
    """As the route of the tablet does: durable when it returns."""
    files = box.desk.files
    assert files is not None
    async with files.incoming() as incoming:
        await incoming.write(data)
        origin = FileOrigin(
            sha256=await incoming.finish(),
            size_bytes=len(data),
            patient_id=patient_id,
            mission_id=mission_id,
            kind=FileKind.PHOTO,
            media_type="image/jpeg",
            received_ms=SystemClock().now_ms(),
        )
        return await incoming.keep(origin, 1 << 20)


def added(origin: FileOrigin) -> c.AddFile:
    return c.AddFile(
        patient_id=origin.patient_id,
        sha256=origin.sha256,
        file_kind=FileKind.PHOTO,
        media_type=origin.media_type,
        size_bytes=origin.size_bytes,
        taken_ms=origin.received_ms,
        taken_source=TakenSource.TABLET,
    )


async def keep_picture(box: Box, mission_id: str, patient_id: str, data: bytes) -> None:
    origin = ImageOrigin(
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        mission_id=mission_id,
        patient_id=patient_id,
        device="SCANNER",
        received_ms=SystemClock().now_ms(),
    )
    await box.images.keep(origin, data)


class Said(Record):
    """How much is acknowledged."""

    packets: int = 0
    sets: int = 0
    commands: int = 0
    photos: int = 0
    pictures: int = 0


class Load:
    """Says it all in turn. What a store refuses it raises, and the same is said again next time."""

    def __init__(self, box: Box, packets: list[bytes], mission_id: str) -> None:
        self._box = box
        self._packets = packets
        self._mission_id = mission_id
        self._patient_id = f"{mission_id}-p"
        self.said = Said()
        self.kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "packets": self._say_packet,
            "sets": self._say_set,
            "commands": self._say_command,
            "photos": self._say_photo,
            "pictures": self._say_picture,
        }

    async def say(self, kind: str) -> None:
        await self.kinds[kind]()
        self.count(kind)

    def count(self, kind: str) -> None:
        counted = {kind: getattr(self.said, kind) + 1}
        self.said = msgspec.structs.replace(self.said, **counted)

    def move(self, box: Box) -> None:
        """The same computer after a reboot."""
        self._box = box

    def list_due(self, turn: int) -> list[str]:
        """From 1 on; the first command registers the patient, so it goes before any file."""
        due = ["packets", "sets"]
        if turn % CHART_EVERY == 1:
            due.append("commands")
        if turn % FILE_EVERY == 2:  # noqa: PLR2004 (a turn)
            due.append("photos")
        if turn % FILE_EVERY == FILE_EVERY // 2:
            due.append("pictures")
        return due

    async def _say_packet(self) -> None:
        data = self._packets[self.said.packets % len(self._packets)]
        strip = strip_of(data, self._box.vehicle.unit_id, SystemClock().now_ms())
        await self._box.take_strips([strip])

    async def _say_set(self) -> None:
        await self._box.take_numerics(self.set_of(self.said.sets + 1), "")

    async def _say_command(self) -> None:
        number = self.said.commands + 1
        command: c.Command = c.ChartVitals(
            patient_id=self._patient_id, vitals=self.set_of(number, device_id=CHARTED)
        )
        if number == 1:
            command = c.RegisterPatient(
                patient_id=self._patient_id,
                mission_id=self._mission_id,
                name=Clear(text=NAME),
                age_y=61,
            )
        await self._handle(command, TABLET, number)

    async def _say_photo(self) -> None:
        number = self.said.photos + 1
        origin = await keep_photo(self._box, self._mission_id, self._patient_id, photo(number))
        await self._handle(added(origin), "camera", number)

    async def _say_picture(self) -> None:
        data = picture(self.said.pictures + 1)
        await keep_picture(self._box, self._mission_id, self._patient_id, data)

    async def _handle(self, command: c.Command, installation: str, number: int) -> None:
        unit_id = self._box.vehicle.unit_id
        stamp = Stamp(
            actor="crew-1",
            seat=unit_id,
            role="crew",
            org=f"unit:{unit_id}",
            installation=installation,
            sequence=number,
            now_ms=SystemClock().now_ms(),
        )
        outcome = await handle(command, stamp, SYSTEM, self._box.desk.world)
        if not isinstance(outcome, Outcome):
            raise RuntimeError(f"{command!r} was refused: {outcome.code}")  # noqa: TRY004 (not a type)

    def set_of(self, number: int, device_id: str = MONITOR) -> NumericSet:
        return NumericSet(
            device_id=device_id,
            unit_id=self._box.vehicle.unit_id,
            device_ms=number,
            received_ms=SystemClock().now_ms(),
            values=(Numeric(sign=Sign.SPO2, value=97.0, note=""),),
        )


class Faults(Record):
    lost: int = 0
    """Of what was acknowledged: sets, commands, packets, photos, pictures."""
    doubled: int = 0
    differs: int = 0
    """Packets, photos and pictures that are there with other bytes."""
    chain_broken: int = 0
    """Lanes of the vehicle's own chain that do not hold from their beginning."""
    in_the_clear: int = 0
    """Files of the store in which the patient's name or a file's beginning can be read."""

    def count(self) -> int:
        return sum(msgspec.structs.astuple(self))


async def check(box: Box, folder: Path, said: Said, packets: list[bytes], run: str) -> Faults:
    unit_id, patient_id = box.vehicle.unit_id, f"{run}-p"
    events, vitals = [
        await box.store.next_upload(_NEWEST, lane) for lane in (DataClass.EVENTS, DataClass.VITALS)
    ]
    sets = Counter(
        item.numerics.device_ms for item in (vitals.items if vitals else ()) if item.numerics
    )
    said_once = Counter(item.fingerprint for item in (events.items if events else ()))
    asked = {number for item in (events.items if events else ()) for number in _asked(item)}
    found = await box.strips.read(unit_id, EPOCH, 0, _NEWEST)
    photos = [await _photo(box, patient_id, n) for n in range(1, said.photos + 1)]
    pictures = [await _picture(box, run, n) for n in range(1, said.pictures + 1)]
    return Faults(
        lost=len(set(range(1, said.sets + 1)) - sets.keys())
        + len(set(range(1, said.commands + 1)) - asked)
        + max(said.packets - len(found), 0)
        + photos.count(None)
        + pictures.count(None),
        doubled=sum(count - 1 for count in [*sets.values(), *said_once.values()]),
        differs=sum(a != b for a, b in zip(found, packets, strict=False))
        + photos.count(False)
        + pictures.count(False),
        chain_broken=sum(not is_whole(upload) for upload in (events, vitals) if upload),
        in_the_clear=count_in_the_clear(folder),
    )


def is_whole(upload: Upload) -> bool:
    """Dense from 1, each linked to the one before."""
    origin = GENESIS
    for number, item in enumerate(upload.items, 1):
        origin = origin_after(origin, upload.installation, item)
        if (item.sequence, item.origin) != (number, origin):
            return False
    return True


def count_in_the_clear(folder: Path) -> int:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(
        any(known in content for known in (_MARK, NAME.encode()))
        for content in (path.read_bytes() for path in files)
    )


def _asked(item: UploadItem) -> Iterator[int]:
    """By which of the load's commands it was written."""
    for each in item.events:
        match decode_event(each.body):
            case PatientRegistered():
                yield 1
            case VitalsCharted(vitals=vitals) if vitals.device_id == CHARTED and vitals.device_ms:
                yield vitals.device_ms


async def _photo(box: Box, patient_id: str, number: int) -> bool | None:
    """Whether its bytes are those; None: it is not there."""
    data, files = photo(number), box.desk.files
    sha256 = hashlib.sha256(data).hexdigest()
    assert files is not None
    try:
        if await files.find_origin(patient_id, sha256) is None:
            return None
        return await files.read(patient_id, sha256, 0, len(data) + 1) == data
    except (OSError, ValueError):
        return False  # it cannot be unsealed


async def _picture(box: Box, mission_id: str, number: int) -> bool | None:
    data = picture(number)
    try:
        found = await box.images.find_image(mission_id, hashlib.sha256(data).hexdigest())
    except (OSError, ValueError):
        return False
    return None if found is None else found[1] == data
