"""Photos, voice memos and body-camera files: captured, listed, shown; and from vehicles.

Rule 1: a file is kept first, told to the journal then, and answered last. It needs no link: at a
        vehicle the vehicle's own disk and journal are meant.
Rule 2: what a file is, is read from its bytes; how long it may be is content. What is refused
        leaves nothing on the disk, and the refusal names the field.
Rule 3: no file is ever whole in memory.
Rule 4: who may read the patient may see the files; everybody else gets the answer of a patient that
        does not exist. A withdrawn file is shown to nobody. Who looked is on the access log.
Rule 5: a vehicle carries files of its own patients only, also when its right to read them is over,
        and the centre proves their hash.
"""

from typing import Annotated, Any, Final
from urllib.parse import unquote

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from litestar.response import Stream
from msgspec import ValidationError, convert
from msgspec.structs import replace

from goldenhour.adapters.web.command_routes import stamp_of
from goldenhour.adapters.web.ecg_file_routes import READERS
from goldenhour.adapters.web.file_stores import place_of, standing_at
from goldenhour.adapters.web.identity import EDGE, AnyRequest, access, principal_of
from goldenhour.adapters.web.image_routes import is_own
from goldenhour.adapters.web.joined import OneRecord, find_patient, list_early, list_records
from goldenhour.adapters.web.looks import Looks
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal, Role
from goldenhour.app.files import (
    FileOrigin,
    FileRow,
    FilesFullError,
    FileStanding,
    FileStore,
    Held,
    Incoming,
)
from goldenhour.app.handle import handle
from goldenhour.app.told import installation_of
from goldenhour.app.uplinks import MOST_SLICE_BYTES
from goldenhour.domain.care.files import FileRule, KeptFile, find_file, list_standing
from goldenhour.domain.commands import AddFile
from goldenhour.domain.dispatch.events import RunFileAdded
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear, Sealed
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.views.fold import Reveal
from goldenhour.wire.media import HEAD_BYTES, is_media

LISTERS: Final = access(Role.CREW, Role.HOSPITAL, Role.QUALITY, Role.SUPERVISOR)
MOST_PART_BYTES: Final = 1 << 20
"""A player that asks for the rest of a film gets so much of it, and asks again."""
MOST_CAPTION: Final = 200


def routes(services: Services) -> list[BaseRouteHandler]:
    handlers: list[Any] = [_captured(services), *_shown(services)]
    if services.edge_centre is not None:
        handlers.append(_carried(services))
    return handlers


def _captured(services: Services) -> Any:
    @post("/api/files", opt=access(Role.CREW), request_max_body_size=None)
    async def captured(
        request: AnyRequest,
        patient_id: str,
        kind: FileKind,
        taken_ms: int,
        taken_source: TakenSource = TakenSource.TABLET,
    ) -> FileOrigin:
        """The body is the file; the header `x-caption`, percent-encoded, is a word to it."""
        principal, now_ms = principal_of(request), services.clock.now_ms()
        desk = services.desk_of(principal)
        patient, run = await find_patient(services, principal, patient_id)
        store = desk.files
        if store is None or run.unit_id != principal.unit_id:
            raise ProblemError(404, "absent", "patient_id")
        rule = services.rules.files.find_rule(kind)
        if rule is None:
            raise ProblemError(400, "unknown_value", "kind")
        if taken_ms > now_ms + MINUTE_MS:
            raise ProblemError(400, "in_the_future", "taken_ms")
        caption = unquote(request.headers.get("x-caption", "")).strip()
        if len(caption) > MOST_CAPTION:
            raise ProblemError(400, "out_of_range", "caption")
        media_type = _media_type(request, rule)
        length = _length(request, rule)
        if await store.free_bytes() - length < services.rules.files.keep_free_bytes:
            raise ProblemError(507, "disk_full", "file")
        async with store.incoming() as file:
            await _receive(request, file, rule, media_type)
            sha256 = await file.finish()
            if await store.standing(patient_id, sha256) is FileStanding.ERASED:
                raise ProblemError(409, "file_erased", "file")
            origin = _origin(
                sha256=sha256,
                size_bytes=file.size_bytes,
                patient_id=patient_id,
                mission_id=patient.mission_id,
                kind=kind.value,
                media_type=media_type,
                received_ms=now_ms,
            )
            try:
                kept = await file.keep(origin, rule.most)
            except FilesFullError as error:
                raise ProblemError(409, "files_full", "file", str(rule.most)) from error
        command = AddFile(
            patient_id=patient_id,
            sha256=sha256,
            file_kind=kind,
            media_type=media_type,
            size_bytes=kept.size_bytes,
            taken_ms=taken_ms,
            taken_source=taken_source,
            caption=Clear(text=caption) if caption else None,
        )
        stamp = stamp_of(principal, installation_of(command), now_ms, now_ms)
        outcome = await handle(command, stamp, services.identity_of(principal), desk.world)
        if isinstance(outcome, Refused):
            raise refused(outcome)
        await services.accounts.log_access(
            now_ms, principal.person_id, "file.add", f"{patient_id} {sha256}", "accepted"
        )
        return kept

    return captured


def _media_type(request: AnyRequest, rule: FileRule) -> str:
    announced = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if announced not in rule.media_types:
        raise ProblemError(400, "file_not_of_kind", "file", ", ".join(rule.media_types))
    return announced


def _length(request: AnyRequest, rule: FileRule) -> int:
    """As announced, else the most that it can be."""
    announced = request.headers.get("content-length", "")
    length = int(announced) if announced.isdigit() else rule.max_bytes
    if length > rule.max_bytes:
        raise ProblemError(413, "file_too_long", "file", str(rule.max_bytes))
    return length


async def _receive(request: AnyRequest, file: Incoming, rule: FileRule, media_type: str) -> None:
    """The body into the file, as far as it is one of this kind."""
    head, checked = b"", False
    async for chunk in request.stream():
        if file.size_bytes + len(chunk) > rule.max_bytes:
            raise ProblemError(413, "file_too_long", "file", str(rule.max_bytes))
        if not checked:
            head = (head + chunk)[:HEAD_BYTES]
            if len(head) == HEAD_BYTES:
                _check_head(head, media_type)
                checked = True
        await file.write(chunk)
    if file.size_bytes == 0:
        raise ProblemError(400, "required", "file")
    if not checked:
        _check_head(head, media_type)


def _check_head(head: bytes, media_type: str) -> None:
    if not is_media(media_type, head):
        raise ProblemError(400, "file_not_of_kind", "file", media_type)


def _origin(**given: Any) -> FileOrigin:
    """Checked: ids become names of files."""
    try:
        return convert(given, FileOrigin, strict=False)
    except ValidationError as error:
        raise ProblemError(400, "invalid", "origin", str(error)) from error


def _shown(services: Services) -> list[Any]:
    looks = Looks(services)

    @get("/api/files", opt=LISTERS)
    async def listed(request: AnyRequest, patient_id: str) -> list[FileRow]:
        """Every file of a patient that was not withdrawn, oldest first, ECG and ultrasound too."""
        principal = principal_of(request)
        desk = services.desk_of(principal)
        records = await list_records(services, principal, patient_id)
        told = [(one, kept) for one in records for kept in list_standing(one.patient.files)]
        captions = [kept.file.caption for _one, kept in told]
        sealed = [caption.row for caption in captions if isinstance(caption, Sealed)]
        reveal = Reveal(await desk.reader.reveal(sealed, services.identity_of(principal)))
        names = await _names(services, {kept.by for _one, kept in told})
        rows: dict[str, FileRow] = {}
        for owner, brought_to, row in (
            *[
                (one, kept.brought_to, _row(kept, one, reveal, names.get(kept.by, "")))
                for one, kept in told
            ],
            *[(one, "", _early_row(file, one)) for one in records for file in list_early(one)],
        ):
            # The same bytes in two records are one file.
            if row.sha256 not in rows:
                place = place_of(
                    desk, row.kind, brought_to or owner.patient_id, owner.patient.mission_id
                )
                rows[row.sha256] = replace(row, standing=await standing_at(place, row.sha256))
        return sorted(rows.values(), key=lambda row: (row.taken_ms, row.sha256))

    @get("/api/files/{sha256:str}", opt=READERS)
    async def fetched(request: AnyRequest, sha256: str, patient_id: str) -> Response[Any]:
        """A captured file or, by HTTP Range, a part of it."""
        principal = principal_of(request)
        store = services.desk_of(principal).files
        for one in await list_records(services, principal, patient_id):
            told = find_file(list_standing(one.patient.files), sha256)
            owner = (told.brought_to if told else "") or one.patient_id
            origin = await store.find_origin(owner, sha256) if store and told else None
            if store is not None and origin is not None:
                await looks.log(principal.person_id, "file.view", f"{patient_id} {sha256}")
                return await _answer(store, origin, request.headers.get("range", ""))
        raise ProblemError(404, "absent", "sha256")

    return [listed, fetched]


async def _answer(store: FileStore, origin: FileOrigin, wanted: str) -> Response[Any]:
    # A stream takes its type from the route, but for a header of its own.
    headers = {
        "content-type": origin.media_type,
        "accept-ranges": "bytes",
        "cache-control": "no-store",
    }
    size, owner = origin.size_bytes, origin.patient_id
    span = span_of(wanted, size)
    if span is None:
        return Stream(
            store.stream(owner, origin.sha256),
            headers={**headers, "content-length": str(size)},
        )
    first, count = span
    return Response(
        await store.read(owner, origin.sha256, first, count),
        status_code=206,
        media_type=origin.media_type,
        headers={**headers, "content-range": f"bytes {first}-{first + count - 1}/{size}"},
    )


def span_of(header: str, size: int) -> tuple[int, int] | None:
    """The first byte and how many; None: the whole file is meant. Raises ProblemError."""
    unit, _, span = header.partition("=")
    first, dash, last = span.partition("-")
    numbers = [part for part in (first, last) if part]
    if unit != "bytes" or not dash or not numbers or not all(one.isdigit() for one in numbers):
        return None
    begin = int(first) if first else max(size - int(last), 0)
    end = int(last) if first and last else size - 1
    count = min(end, size - 1) - begin + 1
    if count <= 0:
        raise ProblemError(416, "range_not_satisfiable")
    return begin, min(count, MOST_PART_BYTES)


async def _names(services: Services, people: set[str]) -> dict[str, str]:
    found = [await services.accounts.find_person(ident) for ident in sorted(people)]
    return {one.id: one.name for one in found if one is not None}


def _row(kept: KeptFile, one: OneRecord, reveal: Reveal, name: str) -> FileRow:
    return FileRow(
        patient_id=one.patient_id,
        sha256=kept.file.sha256,
        kind=kept.file.file_kind,
        media_type=kept.file.media_type,
        size_bytes=kept.file.size_bytes,
        taken_ms=kept.file.taken_ms,
        taken_source=kept.file.taken_source,
        device=kept.file.device,
        caption=reveal.text(kept.file.caption),
        by=kept.by,
        name=name,
        added_ms=kept.at_ms,
        standing=FileStanding.AWAITED,
    )


def _early_row(file: RunFileAdded, one: OneRecord) -> FileRow:
    return FileRow(
        patient_id=one.patient_id,
        sha256=file.sha256,
        kind=file.file_kind,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        taken_ms=file.taken_ms,
        taken_source=file.taken_source,
        device=file.device,
        caption=None,
        by="",
        name="",
        added_ms=file.taken_ms,
        standing=FileStanding.AWAITED,
    )


def _carried(services: Services) -> Any:
    @post(
        "/api/edge/files",
        opt={"access": EDGE},
        status_code=200,
        request_max_body_size=MOST_SLICE_BYTES,
    )
    async def carried(
        request: AnyRequest,
        offset: Annotated[int, Parameter(ge=0)],
        mission_id: str,
        patient_id: str,
    ) -> Held:
        """A part of a file; the query is its FileOrigin. An empty one asks how far it is."""
        vehicle = principal_of(request)
        query = {name: value for name, value in request.query_params.items() if name != "offset"}
        origin = _origin(**query)
        store = services.desk_of(vehicle).files
        if store is None or not await is_own(services, vehicle, mission_id, patient_id):
            raise ProblemError(404, "absent", "patient_id")
        _refuse_unlike(services, origin)
        held = await store.take_part(origin, offset, await request.body())
        if held.kept:
            await _log_carried(services, vehicle, origin)
        return held

    return carried


def _refuse_unlike(services: Services, origin: FileOrigin) -> None:
    rule = services.rules.files.find_rule(origin.kind)
    if rule is None or origin.media_type not in rule.media_types:
        raise ProblemError(400, "file_not_of_kind", "media_type")
    if origin.size_bytes > rule.max_bytes:
        raise ProblemError(413, "file_too_long", "size_bytes", str(rule.max_bytes))
    if origin.received_ms > services.clock.now_ms() + MINUTE_MS:
        raise ProblemError(400, "in_the_future", "received_ms")


async def _log_carried(services: Services, vehicle: Principal, origin: FileOrigin) -> None:
    await services.accounts.log_access(
        services.clock.now_ms(),
        vehicle.person_id,
        "file.carried",
        f"{origin.patient_id} {origin.sha256}",
        "accepted",
    )
