"""A NUL is refused with its field at every door for people, and let through at the vehicles'."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import field

from goldenhour.adapters.web.identity import ANYONE, EDGES
from goldenhour.adapters.web.nul import CheckedRequest, list_fields, refuse_nul
from goldenhour.adapters.web.problems import HANDLERS
from goldenhour.kernel.record import Record


class Said(Record):
    text: str
    names: dict[str, list[str]] = field(default_factory=dict)


@post("/people", opt={"access": ANYONE}, status_code=200)
async def people(data: JSONBody[Said]) -> str:
    return data.text


@post("/vehicles", opt={"access": EDGES}, status_code=200)
async def vehicles(data: JSONBody[Said]) -> str:
    return data.text


@get("/cases/{ident:str}/told", opt={"access": ANYONE})
async def told(ident: FromPath[str], q: FromQuery[str] = "") -> str:
    return ident + q


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app: Any = Litestar(
        [people, vehicles, told],
        guards=[refuse_nul],
        request_class=CheckedRequest,
        exception_handlers=HANDLERS,
        openapi_config=None,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://centre.local") as made:
        yield made


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ("a", []),
        ("\0", [""]),
        ({"a": 1, "b": None, "c": [True, "x"]}, []),
        ({"a": {"b": "x\0"}, "c": "\0"}, ["a.b", "c"]),
        ({"crew": ["甲", "\0乙"]}, ["crew[1]"]),
        ({"a\0": {"b": "x"}}, ["a"]),
    ],
)
def test_where_it_stands(value: Any, fields: list[str]) -> None:
    assert list(list_fields(value)) == fields


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"text": "a\0"}, "text"),
        ({"text": "a", "names": {"x": ["y", "\0"]}}, "names.x[1]"),
        ({"text": "a", "names": {"x\0": []}}, "names.x"),
    ],
)
async def test_in_a_body(client: httpx.AsyncClient, body: dict[str, Any], at: str) -> None:
    answer = await client.post("/people", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (400, "invalid", at)
    assert (await client.post("/vehicles", json=body)).status_code == 200


async def test_the_six_characters_that_write_it_are_text(client: httpx.AsyncClient) -> None:
    answer = await client.post("/people", json={"text": "\\u0000"})
    assert (answer.status_code, answer.text) == (200, "\\u0000")


@pytest.mark.parametrize(
    ("path", "at"), [("/cases/a%00/told", "ident"), ("/cases/a/told?q=%00", "q")]
)
async def test_in_an_address(client: httpx.AsyncClient, path: str, at: str) -> None:
    answer = await client.get(path)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (400, "invalid", at)
    assert (await client.get("/cases/a/told?q=%2500")).text == "a%00"
