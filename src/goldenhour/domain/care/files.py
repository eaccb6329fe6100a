"""The files of one patient, and what a file must be to be taken.

Rule 1: one file of one patient is one fact, however often it is told: its SHA-256 is its name.
Rule 2: a file is never changed. A wrong one is withdrawn with a reason; it does not come back.
Rule 3: who brought a file withdraws it: nobody takes another organisation's evidence out of sight.
Rule 4: a file counts from the moment when its bytes are durable, so the command comes afterwards.
Rule 5: a file that is another patient's goes there with all that is known of it, and may come
        back; its bytes stay where they were brought.
"""

from typing import Annotated

from msgspec import Meta
from msgspec.structs import asdict, replace

from goldenhour.domain.care.file_events import (
    FileAdded,
    FileMovedIn,
    FileMovedOut,
    FileWithdrawn,
)
from goldenhour.kernel.content import SignOff
from goldenhour.kernel.files import FileKind
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded


class FileRule(Record):
    """What a captured file of one kind may be. Content: `content/files.toml`."""

    kind: FileKind
    media_types: tuple[str, ...]
    max_bytes: Annotated[int, Meta(ge=1)]
    most: Annotated[int, Meta(ge=1)]
    """Files of this kind that one patient may have."""
    max_s: Annotated[int, Meta(ge=1)] | None = None
    """How long a recording on the tablet may last."""
    max_px: Annotated[int, Meta(ge=1)] | None = None
    """The longer side of a picture after the tablet has made it smaller."""


class FileRules(Record):
    id: str
    version: str
    sign_off: SignOff
    sources: tuple[str, ...]
    keep_free_bytes: Annotated[int, Meta(ge=0)]
    """So much of a disk no captured file may take: the journal and the ECG need it."""
    kinds: tuple[FileRule, ...]

    def find_rule(self, kind: FileKind) -> FileRule | None:
        return next((rule for rule in self.kinds if rule.kind is kind), None)


class KeptFile(Record):
    file: FileAdded
    by: str
    at_ms: int
    """When it was brought."""
    org: str
    """Who brought it; empty: the host itself did."""
    withdrawn: str = ""
    """Why; empty: it stands."""
    moved_out: str = ""
    """Why it is another patient's; empty: it is not."""
    brought_to: str = ""
    """Id of the patient by whom its bytes are found; empty: this one."""

    @property
    def stands(self) -> bool:
        return not self.withdrawn and not self.moved_out


Files = tuple[KeptFile, ...]


def find_file(files: Files, sha256: str) -> KeptFile | None:
    return next((kept for kept in files if kept.file.sha256 == sha256), None)


def list_standing(files: Files) -> Files:
    return tuple(kept for kept in files if kept.stands)


def list_gone(files: Files) -> frozenset[str]:
    """SHA-256 of those that were withdrawn, or are another patient's."""
    return frozenset(kept.file.sha256 for kept in files if not kept.stands)


def evolve(files: Files, recorded: Recorded) -> Files:
    match recorded.event:
        case FileAdded() as event:
            if find_file(files, event.sha256):
                return files
            kept = KeptFile(
                file=event, by=recorded.actor, at_ms=recorded.occurred_ms, org=recorded.org
            )
            return (*files, kept)
        case FileWithdrawn() as event:
            return tuple(
                replace(kept, withdrawn=event.reason)
                if kept.file.sha256 == event.sha256 and not kept.withdrawn
                else kept
                for kept in files
            )
        case FileMovedOut() as event:
            return tuple(
                replace(kept, moved_out=event.reason)
                if kept.file.sha256 == event.sha256 and kept.stands
                else kept
                for kept in files
            )
        case FileMovedIn() as event:
            known = find_file(files, event.sha256)
            if known is not None and known.stands:
                return files
            return (*(kept for kept in files if kept is not known), _come(event))
        case _:
            return files


def move_out(kept: KeptFile, correction_id: str, reason: str) -> FileMovedOut:
    return FileMovedOut(
        sha256=kept.file.sha256,
        file_kind=kept.file.file_kind,
        taken_ms=kept.file.taken_ms,
        device=kept.file.device,
        correction_id=correction_id,
        reason=reason,
    )


def move_in(kept: KeptFile, came_from: str, correction_id: str, reason: str) -> FileMovedIn:
    """`kept` as it stood at `came_from`; empty: it waited."""
    return FileMovedIn(
        **asdict(kept.file),
        by=kept.by,
        at_ms=kept.at_ms,
        org=kept.org,
        came_from=came_from,
        brought_to=kept.brought_to or came_from,
        correction_id=correction_id,
        reason=reason,
    )


def _come(event: FileMovedIn) -> KeptFile:
    facts = {name: getattr(event, name) for name in FileAdded.__struct_fields__}
    return KeptFile(
        file=FileAdded(**facts),
        by=event.by,
        at_ms=event.at_ms,
        org=event.org,
        brought_to=event.brought_to,
    )


def decide_add(files: Files, event: FileAdded) -> FileAdded | Refused | None:
    """None: it is known, and there is nothing to tell."""
    known = find_file(files, event.sha256)
    if known is None:
        return event
    if known.withdrawn:
        return Refused(code="already_withdrawn", field="sha256")
    if known.moved_out:
        return Refused(code="file_moved", field="sha256")
    return None


def decide_withdraw(files: Files, sha256: str, reason: str, org: str) -> FileWithdrawn | Refused:
    known = find_file(files, sha256)
    if known is None:
        return Refused(code="absent", field="sha256")
    if known.org not in ("", org):
        return Refused(code="not_yours", field="sha256")
    if not reason.strip():
        return Refused(code="reason_required", field="reason")
    if known.withdrawn:
        return Refused(code="already_withdrawn", field="sha256")
    if known.moved_out:
        return Refused(code="file_moved", field="sha256")
    return FileWithdrawn(sha256=sha256, file_kind=known.file.file_kind, reason=reason.strip())
