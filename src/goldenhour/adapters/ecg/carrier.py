"""Carries the ECG files that were brought to a vehicle on to its centre.

Rule 1: one at a time, oldest first, until the centre has kept it; whatever goes wrong, the same
        file goes again. The centre knows it by its hash.
Rule 2: the centre reads the file itself; the vehicle tells only whose it is, its name, and who
        brought it when.
"""

import asyncio
import ssl
from contextlib import suppress

import httpx
import structlog

from goldenhour.adapters.ecg.config import UplinkConfig
from goldenhour.adapters.ecg.imports import ImportFolder
from goldenhour.adapters.ecg.uplink import Carrier
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.uplinks import DataClass, Uplink, UplinkLostError

_log = structlog.get_logger(__name__)
_CREATED = 201


class FileCarrier:
    def __init__(self, config: UplinkConfig, folder: ImportFolder, carrier: Carrier) -> None:
        self._config = config
        self._folder = folder
        self._carrier = carrier
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
        async with (
            self._carrier.turn(uplink.name, DataClass.BACKLOG),
            httpx.AsyncClient(
                base_url=uplink.url,
                headers={"Authorization": self._config.authorization},
                verify=self._context,
                timeout=self._config.file_s,
                trust_env=False,
            ) as client,
        ):
            await carry_waiting(client, self._folder, self._config.unit_id)


async def carry_waiting(client: httpx.AsyncClient, folder: ImportFolder, unit_id: str) -> None:
    """Everything that waits, once; a file that is refused holds up no other."""
    for file in await folder.list_waiting():
        await _carry(client, folder, file, unit_id)


async def _carry(
    client: httpx.AsyncClient, folder: ImportFolder, file: ImportedEcg, unit_id: str
) -> None:
    found = await folder.find_file(file.patient_id, file.sha256)
    assert found is not None  # it was listed; only what was carried is ever let go
    try:
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
    except httpx.HTTPError as error:
        _log.info("ecg.file_not_carried", unit_id=unit_id, reason=repr(error))
        return
    if answer.status_code != _CREATED:
        # The patient may not be known there yet; it is asked again.
        _log.warning(
            "ecg.file_refused",
            unit_id=unit_id,
            sha256=file.sha256,
            status=answer.status_code,
        )
        return
    await folder.mark_carried(file)
