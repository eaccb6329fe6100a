"""Two ECGs of one resident beside each other: this case's, and those of earlier cases.

Rule 1: an earlier case is the same resident's by the number that both records hold
        (`domain.care.same_person`), and everything is read under the asker's own identity.
Rule 2: only what the list of a patient holds can be compared, so that no two people's ECGs ever
        stand beside each other.
Rule 3: who looked for earlier ECGs, and which cases they read by it, is on the access log before
        the answer.
Rule 4: the numbers of a reading are those that stand in the record. A file has none there: it is
        measured when somebody looks, and nothing is kept of that. Nothing here is judged.
Rule 5: at most ten seconds of a recording are drawn; coding takes memory: `AT_ONCE` at a time.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Final, Literal, NamedTuple

import numpy as np
from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from goldenhour.adapters.web.ecg_file_routes import AT_ONCE, READERS, placed_of
from goldenhour.adapters.web.identity import AnyRequest, principal_of
from goldenhour.adapters.web.joined import OneRecord, find_brought, list_brought, list_records
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal
from goldenhour.app.ecg_files import ImportedEcg, ImportedEcgStore
from goldenhour.app.ecg_reading import measure_ecg
from goldenhour.app.residents import Resident, find_resident
from goldenhour.domain.care import merge
from goldenhour.domain.care.ecg import Measured
from goldenhour.domain.care.ecg_change import EcgChanges, changes
from goldenhour.domain.care.ecg_events import EcgRead
from goldenhour.domain.care.ecg_rules import EcgRules
from goldenhour.domain.care.record import Kept
from goldenhour.domain.care.same_person import Identified
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS
from goldenhour.wire.ecg_files import EcgFileError, EcgRecord, missing, read_file
from goldenhour.wire.ecg_files.record import cut

DRAWN_S: Final = 10
MOST_VALUES: Final = 400_000
"""Ten seconds of 16 leads at 2,500 Hz; a denser recording is no ECG that a screen can show."""
CLOCKS_APART_MS: Final = MINUTE_MS
"""How far a device's clock may be set back while its packets are on the way."""


class KnownEcg(Record):
    id: str
    """PATIENT/reading/ENTRY or PATIENT/file/SHA256."""
    incident_id: str
    number: str
    """Of the case; empty where the asker may not read the run."""
    earlier: bool
    """Of another case."""
    source: Literal["reading", "file"]
    at_ms: int | None
    """The first sample by the device's clock; None: the file does not say."""
    received_ms: int
    lasts_ms: int
    device: str
    name: str
    """Of the file, where it came from."""
    test: bool


class KnownEcgs(Record):
    search: Identified | None
    """Whether other cases could be looked through: `known` says so, the rest why not.

    None: this server holds no other cases.
    """
    ecgs: tuple[KnownEcg, ...]
    """Oldest first."""


class DrawnLead(Record):
    lead: str
    nanovolt: float
    """Of one unit."""
    zero_nanovolt: float
    """What a value of 0 means."""
    values: tuple[int | None, ...]
    """None: nobody measured it."""


class DrawnEcg(Record):
    ecg: KnownEcg
    from_ms: int
    """From the recording's beginning to what is drawn here."""
    rate_hz: float
    leads: tuple[DrawnLead, ...]
    """Empty: the samples cannot be had."""
    measured: Measured | None
    """None: nothing in it could be measured."""
    recorded: bool
    """The numbers stand in the record; else they were made for this look."""


class EcgComparison(Record):
    older: DrawnEcg
    newer: DrawnEcg
    changes: EcgChanges | None
    """None where one of the two has no numbers."""


class _Found(NamedTuple):
    known: KnownEcg
    record: OneRecord
    entry: Kept | None
    """None: it is a file."""
    sha256: str


def routes(services: Services) -> list[BaseRouteHandler]:
    looking = _Looking(services)

    @get("/api/ecg/known", opt=READERS)
    async def known(request: AnyRequest, patient_id: str) -> KnownEcgs:
        """Every ECG of this patient that the asker may read, those of earlier cases included."""
        principal = principal_of(request)
        search, found = await looking.find(principal, patient_id)
        await looking.log(principal, "ecg.known", patient_id, found)
        return KnownEcgs(search=search, ecgs=tuple(one.known for one in found))

    @get("/api/ecg/comparison", opt=READERS)
    async def comparison(
        request: AnyRequest,
        *,
        patient_id: str,
        one: str,
        other: str,
        one_from_ms: Annotated[int, Parameter(ge=0)] = 0,
        other_from_ms: Annotated[int, Parameter(ge=0)] = 0,
    ) -> EcgComparison:
        """Two of the patient's list, `one` and `other` by their ids; the older one comes first."""
        principal = principal_of(request)
        _search, found = await looking.find(principal, patient_id)
        if one == other:
            raise ProblemError(400, "invalid", "other")
        chosen = [
            (_pick(found, one, "one"), one_from_ms),
            (_pick(found, other, "other"), other_from_ms),
        ]
        chosen.sort(key=lambda pair: _when_ms(pair[0].known))
        await looking.log(
            principal,
            "ecg.compare",
            f"{patient_id} {one} {other}",
            [which for which, _from_ms in chosen],
        )
        async with looking.working:
            older, newer = [
                await looking.drawn(principal, which, from_ms) for which, from_ms in chosen
            ]
        measured = older.measured, newer.measured
        return EcgComparison(
            older=older,
            newer=newer,
            changes=changes(measured[0], measured[1], looking.rules)
            if measured[0] is not None and measured[1] is not None
            else None,
        )

    return [known, comparison]


class _Looking:
    """What is read under the asker's identity."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.rules: EcgRules = services.facts.care.ecg
        self.working = asyncio.Semaphore(AT_ONCE)

    async def find(
        self, principal: Principal, patient_id: str
    ) -> tuple[Identified | None, list[_Found]]:
        services = self._services
        own = await list_records(services, principal, patient_id)
        imports = services.desk_of(principal).imports
        found = await _ecgs_of(own, imports, own[0].patient.incident_id)
        if services.history is None:
            return None, found
        resident = await self._resident(principal, own)
        taken = {one.patient_id for one in own}
        for ident in resident.patients:
            for record in await self._records(principal, ident):
                if record.patient_id not in taken:
                    taken.add(record.patient_id)
                    found += await _ecgs_of([record], imports, own[0].patient.incident_id)
        found.sort(key=lambda one: (_when_ms(one.known), one.known.id))
        return resident.standing, found

    async def _resident(self, principal: Principal, own: Sequence[OneRecord]) -> Resident:
        services = self._services
        assert services.history is not None  # the caller has asked
        return await find_resident(
            merge.together(own[0].patient, (one.patient for one in own[1:])),
            [one.patient_id for one in own],
            services.desk_of(principal).reader,
            services.history,
            services.identity_of(principal),
        )

    async def _records(self, principal: Principal, patient_id: str) -> list[OneRecord]:
        try:
            return await list_records(self._services, principal, patient_id)
        except ProblemError:
            # The patient may be read and the run may not: then its ECG may not either.
            return []

    async def drawn(self, principal: Principal, found: _Found, from_ms: int) -> DrawnEcg:
        entry = found.entry
        if entry is not None and isinstance(entry.entry, EcgRead):
            record = await self._recorded(principal, found.record, entry, entry.entry)
            made = None if record is None else await asyncio.to_thread(_leads, record)
            return DrawnEcg(
                ecg=found.known,
                from_ms=0,
                rate_hz=0.0 if made is None or record is None else float(record.rate_hz),
                leads=made or (),
                measured=entry.entry.measured,
                recorded=True,
            )
        imports = self._services.desk_of(principal).imports
        brought = await find_brought(imports, [found.record], found.sha256)
        if brought is None:
            raise ProblemError(404, "absent", "sha256")
        record = await asyncio.to_thread(_stretch, brought[1], from_ms)
        if record is None:
            raise ProblemError(409, "out_of_range", "from_ms")
        made = await asyncio.to_thread(_leads, record)
        return DrawnEcg(
            ecg=found.known,
            from_ms=from_ms,
            rate_hz=float(record.rate_hz),
            leads=made or (),
            measured=await asyncio.to_thread(_measured, record, self.rules),
            recorded=False,
        )

    async def _recorded(
        self, principal: Principal, record: OneRecord, kept: Kept, read: EcgRead
    ) -> EcgRecord | None:
        """The very samples that were measured; None where they cannot be had any more."""
        store = self._services.desk_of(principal).ecg
        if store is None or record.run is None:
            return None
        # The archive sets back a clock that is ahead, so the device's own time may lie elsewhere
        # in it; then the time of the measurement is near. Of a moved one that is another.
        for begun_ms in (read.begun_ms, kept.at_ms - read.lasts_ms):
            begin_ms, end_ms = (
                begun_ms - CLOCKS_APART_MS,
                begun_ms + read.lasts_ms + CLOCKS_APART_MS,
            )
            try:
                found = await store.find_record(
                    record.run.unit_id, begin_ms, end_ms, placed=placed_of(record.run)
                )
                part = None if found is None else _cut_out(found, read)
            except EcgFileError:
                part = None
            if part is not None:
                return part
        return None

    async def log(
        self, principal: Principal, action: str, subject: str, read: Sequence[_Found]
    ) -> None:
        now_ms, accounts = self._services.clock.now_ms(), self._services.accounts
        await accounts.log_access(now_ms, principal.person_id, action, subject, "accepted")
        for incident_id in sorted({one.known.incident_id for one in read if one.known.earlier}):
            await accounts.log_access(
                now_ms, principal.person_id, "case.read", incident_id, "accepted"
            )


async def _ecgs_of(
    records: Sequence[OneRecord], imports: ImportedEcgStore | None, incident_id: str
) -> list[_Found]:
    """`incident_id`: the case that is looked from."""
    found: list[_Found] = []
    by_patient = {one.patient_id: one for one in records}
    for one in records:
        found += [
            _of_reading(one, kept, kept.entry, incident_id)
            for kept in one.patient.record.entries
            if isinstance(kept.entry, EcgRead) and not kept.withdrawn
        ]
    for file in await list_brought(imports, records):
        found.append(_of_file(by_patient[file.patient_id], file, incident_id))
    return sorted(found, key=lambda one: (_when_ms(one.known), one.known.id))


def _of_reading(one: OneRecord, kept: Kept, read: EcgRead, incident_id: str) -> _Found:
    known = KnownEcg(
        id=f"{one.patient_id}/reading/{read.entry_id}",
        incident_id=one.patient.incident_id,
        number=one.run.incident_number if one.run else "",
        earlier=one.patient.incident_id != incident_id,
        source="reading",
        at_ms=read.begun_ms,
        received_ms=kept.at_ms,
        lasts_ms=read.lasts_ms,
        device=read.device,
        name="",
        test=read.test,
    )
    return _Found(known, one, kept, "")


def _of_file(one: OneRecord, file: ImportedEcg, incident_id: str) -> _Found:
    known = KnownEcg(
        id=f"{one.patient_id}/file/{file.sha256}",
        incident_id=one.patient.incident_id,
        number=one.run.incident_number if one.run else "",
        earlier=one.patient.incident_id != incident_id,
        source="file",
        at_ms=file.device_ms,
        received_ms=file.received_ms,
        lasts_ms=round(file.samples * SECOND_MS / file.rate_hz),
        device=file.device,
        name=file.name,
        test=file.test,
    )
    return _Found(known, one, None, file.sha256)


def _pick(found: Sequence[_Found], ident: str, field: str) -> _Found:
    one = next((one for one in found if one.known.id == ident), None)
    if one is None:
        raise ProblemError(404, "absent", field)
    return one


def _when_ms(known: KnownEcg) -> int:
    """A file without a time stands where it was received."""
    return known.received_ms if known.at_ms is None else known.at_ms


def _stretch(data: bytes, from_ms: int) -> EcgRecord | None:
    """Ten seconds of a file; None: it is shorter than that beginning."""
    _kind, record = read_file(data)
    first = round(from_ms * record.rate_hz / SECOND_MS)
    if first >= record.count:
        return None
    return cut(record, first, first + round(DRAWN_S * record.rate_hz))


def _cut_out(found: EcgRecord, read: EcgRead) -> EcgRecord | None:
    if found.begun_ms is None or found.device != read.device:
        return None
    first = round((read.begun_ms - found.begun_ms) * found.rate_hz / SECOND_MS)
    count = round(read.lasts_ms * found.rate_hz / SECOND_MS)
    # A part of it would be another stretch than the one with these numbers.
    return cut(found, first, first + count) if 0 <= first <= found.count - count else None


def _leads(record: EcgRecord) -> tuple[DrawnLead, ...] | None:
    """None where there are more values than a screen can show."""
    if record.samples.size > MOST_VALUES:
        return None
    gone = missing(record)
    return tuple(
        DrawnLead(
            lead=lead.name,
            nanovolt=float(lead.lsb_nv),
            zero_nanovolt=float(lead.zero_nv),
            values=tuple(
                None if absent else value
                for value, absent in zip(
                    record.samples[:, place].tolist(), gone[:, place].tolist(), strict=True
                )
            ),
        )
        for place, lead in enumerate(record.leads)
    )


def _measured(record: EcgRecord, rules: EcgRules) -> Measured | None:
    # In nanovolts, since a file's own unit may count downwards.
    units = np.array([float(lead.lsb_nv) for lead in record.leads])
    zeros = np.array([float(lead.zero_nv) for lead in record.leads])
    samples = np.ma.masked_array(record.samples * units + zeros, missing(record))
    names = [lead.name for lead in record.leads]
    try:
        found = measure_ecg(samples, names, float(record.rate_hz), [1.0] * len(names), rules=rules)
    except ValueError:
        # Too slow or too short for an ECG: it is drawn and has no numbers.
        return None
    return None if found is None else found[1]
