"""A DOUBLE of a resident record service: synthetic people, as FHIR R4 over https.

Rule 1: it writes its own bytes and never imports `wire.fhir`, so that the product's reader is
        judged by somebody else's record.
Rule 2: nobody here exists: every identity number has the region 99, which no place has.
Rule 3: a seed gives the same people whatever is asked; `fault` makes it fail like a real one.
"""

import asyncio
import json
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from http import HTTPStatus
from random import Random  # noqa: TID251 (a simulator makes its dice from its seed)
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote

from goldenhour.kernel.record import Record
from goldenhour.simulator.asgi import Receive, Send, answer, live
from goldenhour.simulator.resident_stories import STORIES, Story

ID_NUMBER: Final = "urn:oid:2.16.156.10011.1.3"
HEALTH_CARD: Final = "urn:oid:2.16.156.10011.1.19"
REGION: Final = "99"
_FHIR: Final = "application/fhir+json"
PAGE: Final = 4
"""Entries of a page: small, so that every record of some length has several."""
BORN_BEFORE: Final = date(2026, 1, 1)
"""Ages of the stories are of that day, so that a person keeps the number."""
SLOW_S: Final = 4.0
_SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN: Final = "明丽强芳军敏静伟磊洋娜艳勇秀杰"
WARNING: Final = (
    "WARNING: a DOUBLE of the resident record service: every person in it is made up."
    " Never point a live centre at it."
)


class Fault(StrEnum):
    NONE = "none"
    SLOW = "slow"
    SILENT = "silent"
    CUT = "cut"
    """Breaks off in the middle of a record."""
    WRONG_PERSON = "wrong-person"
    OTHER_BIRTHDAY = "other-birthday"
    MIXED = "mixed"
    """Somebody else's entry in the record."""
    DUPLICATE = "duplicate"
    ERROR = "error"
    MALFORMED = "malformed"
    UNAUTHORISED = "unauthorised"


class ResidentsConfig(Record):
    base_url: str
    token: str
    today: date
    seed: int = 1
    people: int = 200
    fault: Fault = Fault.NONE


class Person(NamedTuple):
    id: str
    id_number: str
    health_card: str
    name: str
    born: date
    story: Story

    @property
    def health_code(self) -> str:
        """What the QR code of the card holds: the identifier, and that this is a fixed code."""
        return f"{self.health_card}:1"


def check_of(first_17: str) -> str:
    """The check digit by ISO 7064 MOD 11-2, digit after digit."""
    rest = 0
    for digit in first_17:
        rest = (rest + int(digit)) * 2 % 11
    return "0123456789X"[(12 - rest) % 11]


def list_people(seed: int, count: int) -> list[Person]:
    """The first of them have one story each, in the order of the stories."""
    dice = Random(seed)  # noqa: S311 (a simulation, no secret)
    found: list[Person] = []
    for number in range(count):
        story = STORIES[number] if number < len(STORIES) else dice.choice(STORIES)
        years = dice.randint(*story.ages_y)
        born = BORN_BEFORE - timedelta(days=years * 365 + years // 4 + dice.randint(1, 360))
        order = dice.randrange(0, 998, 2) + (1 if story.male else 0)
        first = f"{REGION}{dice.randrange(10_000):04}{born:%Y%m%d}{order:03}"
        found.append(
            Person(
                id=f"r{number + 1}",
                id_number=first + check_of(first),
                health_card=f"99HC{seed:04}{number + 1:06}",
                name=dice.choice(_SURNAMES) + dice.choice(_GIVEN) + dice.choice(_GIVEN),
                born=born,
                story=story,
            )
        )
    return found


class ResidentsDouble:
    """An ASGI application; https is the server's."""

    def __init__(self, config: ResidentsConfig) -> None:
        self.config = config
        self.people = list_people(config.seed, config.people)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        if scope["path"] == "/ready":
            await answer(send, HTTPStatus.OK, b"{}", media_type=_FHIR)
            return
        fault = self.config.fault
        allowed = (b"authorization", f"Bearer {self.config.token}".encode()) in scope["headers"]
        if not allowed or fault is Fault.UNAUTHORISED:
            await answer(send, HTTPStatus.UNAUTHORIZED, _outcome("login"), media_type=_FHIR)
            return
        match fault:
            case Fault.SILENT:
                await receive()  # the request, and then until the client goes away
                await receive()
                return
            case Fault.SLOW:
                await asyncio.sleep(SLOW_S)
            case Fault.ERROR:
                await answer(
                    send, HTTPStatus.SERVICE_UNAVAILABLE, _outcome("transient"), media_type=_FHIR
                )
                return
            case Fault.MALFORMED:
                await answer(send, HTTPStatus.OK, b"<html>please log in</html>", media_type=_FHIR)
                return
            case _:
                pass
        query = parse_qs(scope["query_string"].decode())
        parts = unquote(scope["path"]).strip("/").split("/")
        body: dict[str, Any] | None = None
        if parts == ["Patient"]:
            body = self._search(query.get("identifier", [""])[0])
        elif len(parts) == len(("Patient", "id", "$everything")) and parts[2] == "$everything":
            body = self._everything(parts[1], int(query.get("page", ["1"])[0]))
        if body is None:
            await answer(send, HTTPStatus.NOT_FOUND, _outcome("not-found"), media_type=_FHIR)
            return
        content = json.dumps(body, ensure_ascii=False).encode()
        cut = fault is Fault.CUT and parts != ["Patient"]
        await answer(send, HTTPStatus.OK, content, cut=cut, media_type=_FHIR)

    def _search(self, identifier: str) -> dict[str, Any]:
        system, _, value = identifier.partition("|")
        keys = {ID_NUMBER: "id_number", HEALTH_CARD: "health_card"}
        found = [
            person
            for person in self.people
            if system in keys and getattr(person, keys[system]) == value
        ]
        resources = [_patient(person) for person in found]
        match self.config.fault:
            case Fault.WRONG_PERSON if found:
                resources = [_patient(next(p for p in self.people if p != found[0]))]
            case Fault.OTHER_BIRTHDAY if resources:
                resources[0]["birthDate"] = "1900-01-01"
            case Fault.DUPLICATE if resources:
                resources.append(resources[0] | {"id": f"{resources[0]['id']}-again"})
            case _:
                pass
        return _bundle(resources)

    def _everything(self, ident: str, page: int) -> dict[str, Any] | None:
        person = next((one for one in self.people if one.id == ident), None)
        if person is None:
            return None
        entries = [_patient(person), *self._entries(person)]
        shown = entries[(page - 1) * PAGE : page * PAGE]
        bundle = _bundle(shown)
        if page * PAGE < len(entries):
            there = f"{self.config.base_url}/Patient/{ident}/$everything?page={page + 1}"
            bundle["link"] = [{"relation": "next", "url": there}]
        return bundle

    def _entries(self, person: Person) -> Iterator[dict[str, Any]]:
        whose = "r0" if self.config.fault is Fault.MIXED else person.id
        for number, (kind, days_ago, fields) in enumerate(person.story.entries, start=1):
            day = (self.config.today - timedelta(days=days_ago)).isoformat()
            subject = "patient" if kind in _OF_PATIENT else "subject"
            entry = {
                "resourceType": kind,
                "id": f"{person.id}-{number}",
                subject: {"reference": f"Patient/{whose}"},
            }
            yield entry | _dated(kind, day) | fields


_OF_PATIENT: Final = ("AllergyIntolerance", "Device", "Consent")
_DAYS: Final = {
    "Condition": ("onsetDateTime", "recordedDate"),
    "AllergyIntolerance": ("onsetDateTime", "recordedDate"),
    "MedicationStatement": ("effectiveDateTime", "dateAsserted"),
    "Observation": ("effectiveDateTime", "issued"),
    "Consent": ("dateTime",),
}


def _dated(kind: str, day: str) -> dict[str, Any]:
    if kind == "Flag":
        return {"period": {"start": day}}
    if kind == "Device":
        return {"meta": {"lastUpdated": f"{day}T08:00:00+08:00"}}
    return {
        name: f"{day}T08:00:00+08:00" if name == "issued" else day for name in _DAYS.get(kind, ())
    }


def _patient(person: Person) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": person.id,
        "meta": {"tag": [{"code": "HTEST", "display": "synthetic"}]},
        "identifier": [
            {"system": ID_NUMBER, "value": person.id_number},
            {"system": HEALTH_CARD, "value": person.health_card},
        ],
        "name": [{"text": person.name}],
        "gender": "male" if person.story.male else "female",
        "birthDate": person.born.isoformat(),
        "contact": [{"name": {"text": "家属(虚构)"}, "telecom": [{"value": "13900000000"}]}],
    }


def _bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": resource} for resource in resources],
    }


def _outcome(code: str) -> bytes:
    return json.dumps(
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}
    ).encode()
