"""Ultrasound pictures of a run: what is kept of them, and where.

Rule 1: whose a picture is follows from the vehicle that its device hangs in, from the moment when
        it came, and from what was said in the run: a number in its head that is the code of a band
        there, else the band by which the device was bound, else the only patient aboard. Of several
        it is nobody's: it waits until a person puts it to one of them. No name is read.
Rule 2: the bytes are kept as they came and known by their hash; what is known of them stands beside
        them. `device_time` is the device's own, `received_ms` is ours.
"""

from collections.abc import Container, Sequence
from typing import Annotated, Final, Protocol

from msgspec import Meta

from goldenhour.app.chart import find_run, list_patients
from goldenhour.app.files import FileStanding, Held, PlainId, Sha256
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.record import Record
from goldenhour.views.fold import Folded

NO_RUN: Final = "no-run"
"""In the place of a run: what came while the vehicle had none. It is kept, and shown to nobody."""


class ImageRegion(Record):
    """A part of the picture in which a distance can be measured. Pixels, both ends included."""

    left: int
    top: int
    right: int
    bottom: int
    mm_per_px_x: float
    mm_per_px_y: float


class ImageOrigin(Record):
    """What the vehicle knows of a picture, and the picture does not."""

    sha256: Sha256
    size_bytes: Annotated[int, Meta(ge=1)]
    mission_id: PlainId
    """The run that was active when it came."""
    patient_id: Annotated[str, Meta(pattern="^[A-Za-z0-9-]{0,64}$")]
    """Whose it was when it came; empty: nobody had been registered yet, or it waits."""
    device: Annotated[str, Meta(max_length=16)]
    """The title that the device called itself by."""
    received_ms: int
    waiting: bool = False
    """Several patients were aboard, and nobody had said which of them the device was on."""


class StoredImage(Record):
    """One picture or loop, as our reader understands it."""

    origin: ImageOrigin
    instance: str
    """The device's own id of it."""
    study: str
    device_time: str
    """As the device wrote it, YYYYMMDDHHMMSS; empty: it did not."""
    label: str
    """The device's word for what is shown."""
    rows: int
    columns: int
    frames: int
    frame_ms: float | None
    """Between two frames; None: the device does not say."""
    regions: tuple[ImageRegion, ...]
    """The first that holds both ends of a line measures it."""
    test: bool
    """It says of itself that it is no patient's."""
    problem: str
    """Why it cannot be shown; empty: it can. The file itself can always be had."""


class ImageStore(Protocol):
    """Where they are kept: adapters/dicom. Test double: none, a folder is quick."""

    async def list_images(self, mission_id: str) -> Sequence[StoredImage]:
        """Oldest first."""
        ...

    async def find_image(
        self, mission_id: str, sha256: str
    ) -> tuple[StoredImage, bytes] | None: ...

    async def take_part(self, origin: ImageOrigin, offset: int, part: bytes) -> Held:
        """Append a part that begins at `offset`; nothing is written when it does not fit there."""
        ...

    async def standing(self, mission_id: str, sha256: str) -> FileStanding: ...


def of_patient(
    images: Sequence[StoredImage], patient_id: str, put: Container[str], *, early: bool
) -> list[StoredImage]:
    """Those that are this patient's, and those whose hashes a person `put` to them.

    `early`: with those of the run that came before anybody was registered.
    """
    return [
        image
        for image in images
        if image.origin.patient_id == patient_id
        or image.origin.sha256 in put
        or (early and not image.origin.patient_id and not image.origin.waiting)
    ]


def origin_of(
    view: Folded,
    unit_id: str,
    *,
    device: str,
    number: str,
    sha256: str,
    size_bytes: int,
    now_ms: int,
) -> ImageOrigin:
    """Whose a picture is that has just come to a vehicle; `number` is the patient's in its head."""
    found = find_run(view, unit_id)
    patient_id, several = _whose(view, *found, device, number) if found else ("", False)
    return ImageOrigin(
        sha256=sha256,
        size_bytes=size_bytes,
        mission_id=found[0] if found else NO_RUN,
        patient_id=patient_id,
        device=device,
        received_ms=now_ms,
        waiting=several and not patient_id,
    )


def _whose(
    view: Folded, mission_id: str, run: Mission, device: str, number: str
) -> tuple[str, bool]:
    """The patient, or empty; and whether there are several of whom it may be."""
    aboard = list_patients(view, mission_id)
    bound = run.devices.find_place(device)
    said = (
        run.devices.bands.get(number, "") if number else "",
        bound.patient_id if bound is not None and bound.band else "",
    )
    for ident in said:
        worn = view.states.get(f"patient:{ident}")
        if isinstance(worn, Patient) and worn.mission_id == mission_id:
            return ident, False
    if bound is not None and bound.off:
        return "", bool(aboard)
    if len(aboard) == 1:
        return aboard[0][0].partition(":")[2], False
    return "", len(aboard) > 1
