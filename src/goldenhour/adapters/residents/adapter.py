"""Asking a FHIR R4 service for one resident.

Rule 1: two questions, `Patient?identifier=` and `Patient/{id}/$everything`; nothing is written.
Rule 2: the service's word is checked: an answer about another identifier, another birthday or
        several people is no record.
Rule 3: half a record is none: a page that is missing may hold the allergy.
Rule 4: nothing of the person enters a log or a reason.
"""

import asyncio
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, urlsplit

import httpx

from goldenhour.adapters.outside import open_client
from goldenhour.adapters.residents.config import ResidentsConfig
from goldenhour.app.portraits import Identifier, NoRecord
from goldenhour.kernel.resident import Resident
from goldenhour.wire.fhir import FhirError, next_page, read_everything, read_patients

_JSON: Final = "application/fhir+json"


class _NoAnswerError(Exception):
    """Why a page did not come."""

    def __init__(self, said: NoRecord) -> None:
        super().__init__(said.reason)
        self.said = said


class FhirResidents:
    def __init__(self, config: ResidentsConfig) -> None:
        self._config = config
        timeout = httpx.Timeout(config.answer_s, connect=config.connect_s)
        self._http = open_client(config.token, config.ca_file, timeout, accept=_JSON)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def find(self, identifier: Identifier) -> Resident | NoRecord:
        try:
            asked = quote(f"{identifier.system}|{identifier.value}", safe="")
            patient_id = _one_of(await self._get(f"/Patient?identifier={asked}"), identifier)
            if isinstance(patient_id, NoRecord):
                return patient_id
            return read_everything(await self._everything(patient_id), patient_id)
        except _NoAnswerError as error:
            return error.said
        except FhirError as error:
            return NoRecord(reason=error.code)

    async def _everything(self, patient_id: str) -> list[bytes]:
        path, pages = f"/Patient/{quote(patient_id, safe='')}/$everything", list[bytes]()
        while path:
            if len(pages) == self._config.most_pages:
                raise _NoAnswerError(NoRecord(reason="too_long", detail=f"{len(pages)} pages"))
            pages.append(await self._get(path))
            path = self._own_path(next_page(pages[-1]))
        return pages

    def _own_path(self, link: str) -> str:
        """What of a link lies below the service's own address; it is asked nowhere else."""
        own = urlsplit(self._config.url)
        there = urlsplit(link)
        if not link or not there.netloc:
            return link
        if (there.scheme, there.netloc) != (own.scheme, own.netloc):
            raise FhirError("not_understood", "link: a page on another host")
        path = there.path.removeprefix(own.path)
        return f"{path}?{there.query}" if there.query else path

    async def _get(self, path: str) -> bytes:
        body = bytearray()
        try:
            async with (
                asyncio.timeout(self._config.answer_s),
                self._http.stream("GET", f"{self._config.url}{path}") as response,
            ):
                if said := _refusal(response.status_code):
                    raise _NoAnswerError(said)
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > self._config.most_bytes:
                        raise _NoAnswerError(
                            NoRecord(reason="too_long", detail=f"over {self._config.most_bytes} B")
                        )
        except (TimeoutError, httpx.HTTPError) as error:
            # The text of an error of the client may hold the address, and with it the number.
            said = NoRecord(reason="no_answer", detail=type(error).__name__, again=True)
            raise _NoAnswerError(said) from None
        return bytes(body)


def _refusal(status: int) -> NoRecord | None:
    detail = f"HTTP {status}"
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return NoRecord(reason="not_allowed", detail=detail)
    if status == HTTPStatus.NOT_FOUND:
        return NoRecord(reason="not_found", detail=detail)
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT):
        return NoRecord(reason="service_error", detail=detail, again=True)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return NoRecord(reason="service_error", detail=detail, again=True)
    if status != HTTPStatus.OK:
        return NoRecord(reason="service_error", detail=detail)
    return None


def _one_of(body: bytes, identifier: Identifier) -> str | NoRecord:
    """The id of the one patient who was asked for."""
    found = {one.id: one for one in read_patients(body)}
    if not found:
        return NoRecord(reason="not_found")
    asked = (identifier.system, identifier.value)
    own = [one for one in found.values() if one.id and asked in one.identifiers]
    if len(own) < len(found):
        return NoRecord(reason="wrong_person", detail="identifier")
    if len(own) > 1:
        return NoRecord(reason="several_found", detail=f"{len(own)}")
    (one,) = own
    if identifier.birth_day and one.birth_day and one.birth_day != identifier.birth_day:
        return NoRecord(reason="wrong_person", detail="birthDate")
    return one.id
