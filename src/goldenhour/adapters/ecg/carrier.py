"""Carries the ECG files that were brought to a vehicle on to its centre.

Rule 1: one at a time, oldest first, until the centre has kept it; whatever goes wrong, the same
        file goes again. The centre knows it by its hash.
Rule 2: the centre reads the file itself; the vehicle tells only whose it is, its name, and who
        brought it when.
Rule 3: a file goes whole, so each takes a turn of its own; one that the centre refuses, or that
        cannot be read here, waits longer each time. It holds up no other and is never given up.
"""

import asyncio
import ssl
from contextlib import suppress
from typing import Final

import httpx
import structlog

from goldenhour.adapters.ecg.config import UplinkConfig
from goldenhour.adapters.ecg.imports import ImportFolder
from goldenhour.adapters.ecg.uplink import Carrier
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.uplinks import DataClass, Uplink, UplinkLostError

FIRST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 3_600.0
_log = structlog.get_logger(__name__)
_CREATED = 201


class Pauses:
    """Which files wait after a failure of their own, and until when; forgotten with a restart."""

    def __init__(self) -> None:
        self._failed: dict[tuple[str, str], tuple[float, float]] = {}
        """Patient and hash -> how long it waits, and until when."""

    def holds(self, file: ImportedEcg, now_s: float) -> bool:
        return now_s < self._failed.get((file.patient_id, file.sha256), (0.0, 0.0))[1]

    def failed(self, file: ImportedEcg, now_s: float) -> None:
        key = (file.patient_id, file.sha256)
        before = self._failed.get(key)
        pause_s = min(2 * before[0], LONGEST_PAUSE_S) if before else FIRST_PAUSE_S
        self._failed[key] = (pause_s, now_s + pause_s)


class FileCarrier:
    def __init__(self, config: UplinkConfig, folder: ImportFolder, carrier: Carrier) -> None:
        self._config = config
        self._folder = folder
        self._carrier = carrier
        self._pauses = Pauses()
        self._context = ssl.create_default_context(cafile=config.ca_file or None)

    async def run(self, stopping: asyncio.Event) -> None:
        working = asyncio.create_task(self._run_for_ever())
        await stopping.wait()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    async def _run_for_ever(self) -> None:
        while True:
            with suppress(UplinkLostError):
                await self._carrier.during(DataClass.BACKLOG, self._over)
            await asyncio.sleep(self._config.files_every_s)

    async def _over(self, uplink: Uplink) -> None:
        async with httpx.AsyncClient(
            base_url=uplink.url,
            headers={"Authorization": self._config.authorization},
            verify=self._context,
            timeout=self._config.file_s,
            trust_env=False,
        ) as client:
            await carry_waiting(
                client,
                self._folder,
                self._config.unit_id,
                carrier=self._carrier,
                uplink=uplink.name,
                pauses=self._pauses,
            )


async def carry_waiting(
    client: httpx.AsyncClient,
    folder: ImportFolder,
    unit_id: str,
    *,
    carrier: Carrier,
    uplink: str,
    pauses: Pauses,
) -> None:
    """Everything that waits, once, without what has failed lately."""
    try:
        waiting = await folder.list_waiting()
    except (OSError, ValueError) as error:
        _log.error("ecg.files_not_listed", unit_id=unit_id, reason=repr(error))
        return
    loop = asyncio.get_running_loop()
    for file in waiting:
        if pauses.holds(file, loop.time()):
            continue
        about = {"unit_id": unit_id, "sha256": file.sha256}
        try:
            status = await _carry(client, folder, file, carrier, uplink)
        except httpx.HTTPError as error:
            _log.info("ecg.file_not_carried", **about, reason=repr(error))
            continue
        except (OSError, ValueError) as error:
            # Its bytes cannot be read, or that they were carried not be written down.
            _log.error("ecg.file_not_carried", **about, reason=repr(error))
        else:
            if status == _CREATED:
                continue
            # The patient may not be known there yet; it is asked again.
            _log.warning("ecg.file_refused", **about, status=status)
        pauses.failed(file, loop.time())


async def _carry(
    client: httpx.AsyncClient,
    folder: ImportFolder,
    file: ImportedEcg,
    carrier: Carrier,
    uplink: str,
) -> int:
    """What the centre answered."""
    found = await folder.find_file(file.patient_id, file.sha256)
    if found is None:
        raise FileNotFoundError("it was listed, and is gone")
    async with carrier.turn(uplink, DataClass.BACKLOG):
        answer = await client.post(
            "/api/edge/ecg-files",
            params={
                "patient_id": file.patient_id,
                "name": file.name,
                "received_ms": file.received_ms,
                "by": file.by,
            },
            content=found[1],
        )
    if answer.status_code == _CREATED:
        await folder.mark_carried(file)
    return answer.status_code
