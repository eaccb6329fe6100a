"""Measuring a 12-lead ECG on board: the last ten seconds, read for one patient.

Rule 1: the vehicle's computer measures; the crew's page only asks, so that no page can tell what
        an ECG says.
Rule 2: what cannot be measured is said with its reason and still recorded: that nobody could read
        it is a fact as well.
Rule 3: what a device measured on another patient, or on nobody, is measured for nobody else, also
        where it came over within these ten seconds.
Rule 4: who asks again, since the answer was lost, gets no second reading: `entry_id` names it.
"""

import asyncio
from typing import Annotated, Any, Final

import numpy as np
from litestar import post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from goldenhour.adapters.web.command_routes import stamp_of
from goldenhour.adapters.web.ecg_file_routes import placed_of, worn_of
from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.joined import find_patient, records_of
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Role
from goldenhour.app.ecg_reading import EcgReading, read_ecg
from goldenhour.app.handle import handle
from goldenhour.app.journal import Outcome
from goldenhour.domain.care.ecg import EcgPatient
from goldenhour.domain.care.ecg_rules import EcgRules
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.record import has_entry
from goldenhour.domain.commands import RecordEcg
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import SECOND_MS
from goldenhour.wire.ecg_files import EcgFileError, EcgRecord, missing

WINDOW_MS: Final = 10 * SECOND_MS
"""The length of a standard 12-lead ECG."""
LEAST_MS: Final = 4 * SECOND_MS
"""Less holds too few beats for an average."""
ONE_AT_A_TIME: Final = 1
LIVE_WORLD: Final = "live"


class ReadingRequest(Record):
    installation: Annotated[str, Meta(min_length=8, max_length=64)]
    sequence: Annotated[int, Meta(ge=1, le=2**53)]
    patient_id: str
    entry_id: Annotated[str, Meta(min_length=1, max_length=64)]


def routes(services: Services) -> list[BaseRouteHandler]:
    working = asyncio.Semaphore(ONE_AT_A_TIME)

    @post("/api/ecg/readings", opt=access(Role.CREW), status_code=200)
    async def read(request: AnyRequest, data: JSONBody[ReadingRequest]) -> Outcome:
        """Measure the newest ten seconds and put them into the patient's record.

        No versions where that was done before.
        """
        principal = principal_of(request)
        desk, now_ms = services.desk_of(principal), services.clock.now_ms()
        if desk.ecg is None:
            raise ProblemError(404, "absent", "ecg")
        async with working:
            # Read here, behind whoever asked before: it may be this reading.
            patient, run = await find_patient(services, principal, data.patient_id)
            if run.unit_id != principal.unit_id:
                raise ProblemError(404, "absent", "ecg")
            if has_entry(patient.record, data.entry_id):
                return Outcome(versions={})
            span = (run.unit_id, now_ms - WINDOW_MS, now_ms + 1)
            worn = worn_of(run, records_of(data.patient_id, patient), now_ms + 1)
            try:
                found = await desk.ecg.find_record(*span, worn, placed_of(run))
                others = None if _is_enough(found) else await desk.ecg.find_record(*span)
            except EcgFileError as error:
                raise ProblemError(409, "out_of_range", error.field, error.reason) from error
            if _is_enough(others):
                raise ProblemError(409, "device_elsewhere", "patient_id")
            if found is None or not _is_enough(found):
                raise ProblemError(409, "no_ecg", "ecg")
            reading = await asyncio.to_thread(_read, found, patient, desk.world.facts.care.ecg)
        if reading is None:
            raise ProblemError(409, "no_ecg", "ecg")
        command = RecordEcg(
            patient_id=data.patient_id,
            entry_id=data.entry_id,
            begun_ms=now_ms - WINDOW_MS if found.begun_ms is None else found.begun_ms,
            lasts_ms=round(found.count * SECOND_MS / found.rate_hz),
            device=found.device,
            test=found.test or services.world_name != LIVE_WORLD,
            measured=reading.measured,
            findings=reading.findings,
        )
        stamp = stamp_of(principal, data.installation, data.sequence, now_ms)
        outcome = await handle(command, stamp, services.identity_of(principal), desk.world)
        if isinstance(outcome, Refused):
            raise refused(outcome)
        return outcome

    handlers: list[Any] = [read]
    return handlers


def _is_enough(found: EcgRecord | None) -> bool:
    return found is not None and found.count * SECOND_MS >= LEAST_MS * found.rate_hz


def _read(found: EcgRecord, patient: Patient, rules: EcgRules) -> EcgReading | None:
    confounders = patient.record.value("ecg_confounders")
    return read_ecg(
        np.ma.masked_array(found.samples, missing(found)),
        [lead.name for lead in found.leads],
        float(found.rate_hz),
        [float(lead.lsb_nv) for lead in found.leads],
        patient=EcgPatient(
            age_y=patient.age_y,
            sex=patient.sex,
            confounders=confounders if isinstance(confounders, tuple) else None,
        ),
        rules=rules,
    )
