"""Which files go to another patient when a device's place is corrected.

Rule 1: an ultrasound picture follows the device that made it by itself: what came in the corrected
        stretch, at whichever patient of the run it stands, and what is nobody's yet.
Rule 2: every other file tells nothing of a device on a patient: it goes when a person ticked it.
Rule 3: what stands at the right patient stays, and what was withdrawn is not brought back.
Rule 4: only whose it is changes. The bytes stay where they were brought, and a later correction
        moves it on, or back, by the same rules.
Rule 5: none goes to nobody: a picture is of somebody. It stays until a person says of whom it is.
"""

from collections.abc import Iterable, Mapping

from goldenhour.domain.care import files
from goldenhour.domain.care.file_events import FileAdded
from goldenhour.domain.care.files import KeptFile
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.commands import PickedFile
from goldenhour.domain.dispatch.events import MonitorCorrected, RunFileAdded
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.files import FileKind
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record


class Following(Record):
    """A file that goes to the patient of the correction."""

    kept: KeptFile
    came_from: str
    """Id of the patient whom it stands at; empty: it is nobody's yet."""


def list_following(
    run: Mission,
    people: Mapping[str, Patient],
    said: MonitorCorrected,
    picked: Iterable[PickedFile] = (),
) -> tuple[Following, ...] | Refused:
    """`people`: the run's patients by id, as far as they matter here."""
    ticked = {(one.patient_id, one.sha256) for one in picked}
    if not said.patient_id:
        return Refused(code="file_not_there", field="files") if ticked else ()
    early = [nobodys(file) for file in run.files if file.sha256 not in run.put]
    found = [Following(kept=one, came_from="") for one in early if was_made_by(one.file, said)]
    for ident, person in sorted(people.items()):
        for kept in files.list_standing(person.files):
            here = (ident, kept.file.sha256)
            if ident != said.patient_id and (here in ticked or was_made_by(kept.file, said)):
                found.append(Following(kept=kept, came_from=ident))
            ticked.discard(here)
    if ticked:
        return Refused(code="file_not_there", field="files")
    return tuple(found)


def was_made_by(file: FileAdded, said: MonitorCorrected) -> bool:
    """By this device, within the stretch; its last moment is outside."""
    return (
        file.file_kind is FileKind.ULTRASOUND
        and file.device == said.device_id
        and said.from_ms <= file.taken_ms < said.to_ms
    )


def nobodys(file: RunFileAdded) -> KeptFile:
    """A file of the run as if it stood at somebody: nobody brought it but its device."""
    facts = {name: getattr(file, name) for name in RunFileAdded.__struct_fields__}
    del facts["waiting"]
    added = FileAdded(**facts, caption=None)
    return KeptFile(file=added, by=file.device, at_ms=file.taken_ms, org="")
