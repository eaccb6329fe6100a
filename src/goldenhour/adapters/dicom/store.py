"""Ultrasound pictures in a folder: the instance as it came, and what is known of it beside it.

    RUN/SHA256.dcm      the bytes
    RUN/SHA256.json     a StoredImage; written last, so that where it stands the bytes do
    RUN/SHA256.carried  in a vehicle: the centre has it
    RUN/SHA256.part     at a centre: as far as it has come

In a vehicle the first two are sealed.

Rule 1: nothing is overwritten; the same bytes of the same run are kept once, and so are their
        patient and time.
Rule 2: at most `MAX_IMAGES` of a run.
Rule 3: what cannot be read is kept as well: whoever needs it can take the file elsewhere.
Rule 4: a carried file counts when its hash is the one that was announced; else it is begun again.
"""

import asyncio
import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog

from goldenhour.adapters.kept import Damaged, lacks_room, standing, write_durably
from goldenhour.app.at_rest import PLAIN, AtRest
from goldenhour.app.files import FileStanding, Held, Parcel
from goldenhour.app.images import NO_RUN, ImageOrigin, ImageRegion, StoredImage
from goldenhour.app.uplinks import DataClass
from goldenhour.wire.ultrasound import MAX_IMAGE_BYTES, UltrasoundError, read_frame, read_image

MAX_IMAGES: Final = 500
_PLAIN: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_META: Final = msgspec.json.Decoder(StoredImage)
_log = structlog.get_logger(__name__)


class ImagesFullError(OSError):
    """The run has `MAX_IMAGES` already, or the disk has no room for pictures."""


class ImageFolder:
    """An `app.images.ImageStore`, and a vehicle's own side of it: `app.files.Parcels`."""

    path = "/api/edge/images"

    def __init__(self, folder: Path, at_rest: AtRest = PLAIN, keep_free_bytes: int = 0) -> None:
        self._folder = folder
        self._keep_free_bytes = keep_free_bytes
        self._at_rest = at_rest
        self._writing = asyncio.Lock()
        """Two deliveries of the same bytes must not write the same file at once."""
        self._under_way = ("", b"")
        """Of a vehicle: hash and bytes of the picture that is being carried."""
        self._damaged = Damaged()

    async def keep(self, origin: ImageOrigin, data: bytes) -> StoredImage:
        """Durable when it returns. Raises OSError."""
        async with self._writing:
            return await asyncio.to_thread(self._keep, origin, data)

    async def list_images(self, mission_id: str) -> Sequence[StoredImage]:
        return await asyncio.to_thread(self._list, mission_id)

    async def find_image(self, mission_id: str, sha256: str) -> tuple[StoredImage, bytes] | None:
        return await asyncio.to_thread(self._find, mission_id, sha256)

    async def take_part(self, origin: ImageOrigin, offset: int, part: bytes) -> Held:
        async with self._writing:
            return await asyncio.to_thread(self._take_part, origin, offset, part)

    async def standing(self, mission_id: str, sha256: str) -> FileStanding:
        if not (_PLAIN.fullmatch(mission_id) and _PLAIN.fullmatch(sha256)):
            return FileStanding.AWAITED
        return await asyncio.to_thread(standing, self._folder / mission_id, sha256)

    async def list_parcels(self, data: DataClass) -> Sequence[Parcel]:
        """What has not been carried to the centre, oldest first."""
        return await asyncio.to_thread(self._list_parcels) if data is DataClass.IMAGES else ()

    async def is_whole(self, parcel: Parcel) -> bool:
        try:
            data = await self.read_part(parcel, 0, parcel.size_bytes + 1)
        except (OSError, ValueError) as error:
            self._damaged.tell(self._folder / parcel.owner / f"{parcel.sha256}.dcm", error)
            return False
        return hashlib.sha256(data).hexdigest() == parcel.sha256

    async def read_part(self, parcel: Parcel, at: int, count: int) -> bytes:
        if self._under_way[0] != parcel.sha256:
            path = self._folder / parcel.owner / f"{parcel.sha256}.dcm"
            data = self._at_rest.unseal(await asyncio.to_thread(path.read_bytes))
            self._under_way = (parcel.sha256, data)
        return self._under_way[1][at : at + count]

    async def mark_carried(self, parcel: Parcel) -> None:
        self._under_way = ("", b"")
        path = self._folder / parcel.owner / f"{parcel.sha256}.carried"
        await asyncio.to_thread(write_durably, path, b"")

    def _keep(self, origin: ImageOrigin, data: bytes) -> StoredImage:
        if known := self._find(origin.mission_id, origin.sha256):
            return known[0]
        folder = self._folder / origin.mission_id
        if len(list(folder.glob("*.json"))) >= MAX_IMAGES:
            raise ImagesFullError(f"the run has {MAX_IMAGES} pictures already")
        if lacks_room(folder, len(data), self._keep_free_bytes):
            raise ImagesFullError("the rest of the disk is for vital signs and the ECG")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        image = describe(origin, data)
        write_durably(folder / f"{origin.sha256}.dcm", self._at_rest.seal(data))
        meta = self._at_rest.seal(msgspec.json.encode(image))
        write_durably(folder / f"{origin.sha256}.json", meta)
        return image

    def _list(self, mission_id: str) -> list[StoredImage]:
        if not _PLAIN.fullmatch(mission_id):
            return []
        return self._oldest_first((self._folder / mission_id).glob("*.json"))

    def _list_parcels(self) -> list[Parcel]:
        waiting = self._oldest_first(
            meta
            for meta in self._folder.glob("*/*.json")
            if meta.parent.name != NO_RUN and not meta.with_suffix(".carried").exists()
        )
        return [
            Parcel(
                owner=image.origin.mission_id,
                sha256=image.origin.sha256,
                size_bytes=image.origin.size_bytes,
                query=msgspec.to_builtins(image.origin),
            )
            for image in waiting
        ]

    def _find(self, mission_id: str, sha256: str) -> tuple[StoredImage, bytes] | None:
        # What is no id might lead out of the folder.
        if not (_PLAIN.fullmatch(mission_id) and _PLAIN.fullmatch(sha256)):
            return None
        meta = self._folder / mission_id / f"{sha256}.json"
        if standing(meta.parent, sha256) is not FileStanding.HERE:
            return None
        data = self._at_rest.unseal(meta.with_suffix(".dcm").read_bytes())
        return self._about(meta), data

    def _about(self, meta: Path) -> StoredImage:
        return _META.decode(self._at_rest.unseal(meta.read_bytes()))

    def _oldest_first(self, metas: Iterable[Path]) -> list[StoredImage]:
        here = (meta for meta in metas if standing(meta.parent, meta.stem) is FileStanding.HERE)
        found = self._damaged.skip(here, self._about)
        return sorted(found, key=lambda image: (image.origin.received_ms, image.origin.sha256))

    def _take_part(self, origin: ImageOrigin, offset: int, part: bytes) -> Held:
        if standing(self._folder / origin.mission_id, origin.sha256) is not FileStanding.AWAITED:
            return Held(held_bytes=origin.size_bytes, kept=True)
        if origin.size_bytes > MAX_IMAGE_BYTES:
            raise ImagesFullError(f"longer than {MAX_IMAGE_BYTES} bytes")
        path = self._folder / origin.mission_id / f"{origin.sha256}.part"
        held = path.stat().st_size if path.exists() else 0
        if part and offset == held and held + len(part) <= origin.size_bytes:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("ab") as out:
                out.write(part)
            held += len(part)
        if held < origin.size_bytes:
            return Held(held_bytes=held, kept=False)
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != origin.sha256:
            path.unlink()
            _log.warning("dicom.carried_otherwise", sha256=origin.sha256)
            return Held(held_bytes=0, kept=False)
        self._keep(origin, data)
        path.unlink()
        return Held(held_bytes=held, kept=True)


def describe(origin: ImageOrigin, data: bytes) -> StoredImage:
    """What our reader makes of an instance; where it fails, why."""
    try:
        image = read_image(data)
    except UltrasoundError as error:
        return StoredImage(
            origin=origin,
            instance="",
            study="",
            device_time="",
            label="",
            rows=0,
            columns=0,
            frames=0,
            frame_ms=None,
            regions=(),
            test=False,
            problem=str(error),
        )
    problem = ""
    try:
        # Every other frame may be broken as well; whoever asks for it is told then.
        read_frame(data, 0)
    except UltrasoundError as error:
        problem = str(error)
    return StoredImage(
        origin=origin,
        instance=image.instance,
        study=image.study,
        device_time=image.device_time,
        label=image.label,
        rows=image.rows,
        columns=image.columns,
        frames=image.frames,
        frame_ms=image.frame_ms,
        regions=tuple(
            ImageRegion(
                left=one.left,
                top=one.top,
                right=one.right,
                bottom=one.bottom,
                mm_per_px_x=one.mm_per_px_x,
                mm_per_px_y=one.mm_per_px_y,
            )
            for one in image.regions
        ),
        test=image.test,
        problem=problem,
    )
