"""An engineer asks a terminal for a picture and sees what it took: from the page to the disk."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jt808_doubles import NOW_MS, TerminalDouble, a_position
from test_terminal_console import PATH, PHONE, Place, a_place

from goldenhour.adapters.jt808 import MediaFolder
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.terminal_media import PostgresTerminalMedia
from goldenhour.adapters.web.terminal_media_routes import PAGE
from goldenhour.app.terminal_media import MOST_ANNOUNCED, Announced, MediaRow, TerminalMedia
from goldenhour.wire.jt808 import encode_parts
from goldenhour.wire.jt808.media import (
    CameraAnswer,
    CameraResult,
    Media,
    MediaAnswer,
    MediaEvent,
    TakePicture,
)
from goldenhour.wire.jt808.messages import Result

PLACE = msgspec.structs.replace(a_position(), items=())
EVENT = MediaEvent(media_id=7, kind=0, format=0, occasion=0, channel=1)
JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 12


@pytest.fixture
def media(database: Database, tmp_path: Path) -> TerminalMedia:
    return TerminalMedia(MediaFolder(tmp_path), PostgresTerminalMedia(database))


def url_of(data: bytes, media_id: int = 7) -> str:
    return f"{PATH}/media/{media_id}/{hashlib.sha256(data).hexdigest()}"


def kept_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


async def page_of(place: Place, **query: int) -> dict[str, Any]:
    answer = await place.office.client.get(
        f"{PATH}/media", params=query, headers=await place.office.cookie("admin")
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def upload(terminal: TerminalDouble, serial: int, data: bytes, **event: int) -> None:
    body = Media(event=msgspec.structs.replace(EVENT, **event), position=PLACE, data=data)
    parts = encode_parts(body, version=terminal.version, phone=terminal.phone, serial=serial)
    terminal.writer.write(b"".join(parts))
    assert (await terminal.receive()).body == MediaAnswer(media_id=body.event.media_id)


async def test_a_picture_is_ordered_comes_is_shown_and_is_one_however_often_it_comes(
    database: Database, media: TerminalMedia, tmp_path: Path
) -> None:
    async with a_place(database, media) as place:
        terminal = await place.terminal()
        await place.order(kind="take_picture", channel=1)
        order = await terminal.receive()
        assert order.body == TakePicture(channel=1, command=1)
        answer = CameraAnswer(serial=order.header.serial, result=0, media_ids=(7,))
        assert await terminal.result(answer) == Result.OK
        assert (await place.until_done()).outcome == "done"

        assert await terminal.result(EVENT) == Result.OK
        page = await page_of(place)
        assert (page["rows"], [said["media_id"] for said in page["announced"]]) == ([], [7])

        await upload(terminal, 100, JPEG)
        await upload(terminal, 200, JPEG)
        page = await page_of(place)
        assert page == {
            "rows": [
                {
                    "phone": PHONE,
                    "media_id": 7,
                    "sha256": hashlib.sha256(JPEG).hexdigest(),
                    "size_bytes": len(JPEG),
                    "unit_id": "unit-1",
                    "kind": "picture",
                    "format": "jpeg",
                    "occasion": "order",
                    "channel": 1,
                    "point": {"lat": 36.1954, "lon": 113.1163},
                    "taken_ms": PLACE.device_ms,
                    "received_ms": NOW_MS,
                    "media_type": "image/jpeg",
                    "erased": False,
                }
            ],
            "older": False,
            "announced": [],
        }
        assert kept_in(tmp_path / "unit-1") == [JPEG]

        client, admin = place.office.client, await place.office.cookie("admin")
        for query, media_type in (
            ("", "image/jpeg"),
            ("?download=true", "application/octet-stream"),
        ):
            found = await client.get(url_of(JPEG) + query, headers=admin)
            assert (found.status_code, found.content) == (200, JPEG)
            assert found.headers["content-type"] == media_type
            assert found.headers["x-content-type-options"] == "nosniff"
            assert found.headers["cache-control"] == "no-store"
        assert f'filename="{PHONE}-7-' in found.headers["content-disposition"]
        async with database.system() as connection:
            cursor = await connection.execute(
                "select action, subject from access_log where action like 'terminal.media%'"
                " order by id"
            )
            rows = await cursor.fetchall()
        subject = f"terminal:{PHONE} 7 {hashlib.sha256(JPEG).hexdigest()}"
        assert rows == [("terminal.media.view", subject), ("terminal.media.export", subject)]


async def test_a_number_that_comes_again_for_something_else_is_something_else(
    database: Database, media: TerminalMedia
) -> None:
    async with a_place(database, media) as place:
        terminal = await place.terminal()
        await upload(terminal, 100, JPEG)
        await upload(terminal, 200, JPEG + b"\0")
        page = await page_of(place)
        assert [row["media_id"] for row in page["rows"]] == [7, 7]
        assert len({row["sha256"] for row in page["rows"]}) == 2


async def test_what_is_no_picture_is_a_download_whatever_the_terminal_calls_it(
    database: Database, media: TerminalMedia
) -> None:
    sly = b"<html><script>alert(1)</script>"
    async with a_place(database, media) as place:
        terminal = await place.terminal()
        await upload(terminal, 100, sly, format=0)
        await upload(terminal, 200, b"ID3 sound", media_id=8, kind=1, format=2)
        await upload(terminal, 300, b"what is it", media_id=9, kind=9, format=77, occasion=99)
        rows = {row["media_id"]: row for row in (await page_of(place))["rows"]}
        assert [rows[n]["kind"] for n in (7, 8, 9)] == ["picture", "sound", "9"]
        assert [rows[n]["format"] for n in (7, 8, 9)] == ["jpeg", "mp3", "77"]
        assert rows[9]["occasion"] == "99"
        admin = await place.office.cookie("admin")
        for data, number, ending in ((sly, 7, "jpg"), (b"ID3 sound", 8, "mp3")):
            found = await place.office.client.get(url_of(data, number), headers=admin)
            assert found.headers["content-type"] == "application/octet-stream"
            assert found.headers["content-disposition"].endswith(f'.{ending}"')
        found = await place.office.client.get(url_of(b"what is it", 9), headers=admin)
        assert found.headers["content-disposition"].endswith('.bin"')


@pytest.mark.parametrize(
    ("result", "outcome"),
    [(CameraResult.NO_CHANNEL, "no_channel"), (CameraResult.FAILED, "refused")],
)
async def test_a_camera_that_takes_none_says_why(
    database: Database, result: CameraResult, outcome: str
) -> None:
    async with a_place(database) as place:
        terminal = await place.terminal()
        await place.order(kind="take_picture", channel=9)
        order = await terminal.receive()
        await terminal.result(CameraAnswer(serial=order.header.serial, result=result))
        assert (await place.until_done()).outcome == outcome


async def test_who_is_not_there_takes_no_picture_and_a_channel_is_needed(
    database: Database,
) -> None:
    async with a_place(database) as place:
        await place.order(kind="take_picture", channel=1)
        assert (await place.until_done()).outcome == "not_connected"
        client, admin = place.office.client, await place.office.cookie("admin")
        for channel in (0, 256):
            body = {"id": "order-9999", "order": {"kind": "take_picture", "channel": channel}}
            refused = await client.post(f"{PATH}/orders", json=body, headers=admin)
            assert refused.status_code in (400, 409)
            assert "channel" in refused.text


async def test_only_administrators_see_what_terminals_took(
    database: Database, media: TerminalMedia
) -> None:
    async with a_place(database, media) as place:
        await upload(await place.terminal(), 100, JPEG)
        client = place.office.client
        for username in ("dispatcher", "quality", "crew1", "hospital1"):
            cookie = await place.office.cookie(username)
            for url in (f"{PATH}/media", url_of(JPEG)):
                assert (await client.get(url, headers=cookie)).status_code == 403
        admin = await place.office.cookie("admin")
        for absent in (
            url_of(JPEG, 8),
            url_of(b"other"),
            url_of(JPEG).replace(PHONE, "13999999999"),
            f"{PATH}/media/7/..%2F..%2Fsecret",
        ):
            assert (await client.get(absent, headers=admin)).status_code == 404
        for wrong in (url_of(JPEG, 2**40), f"{PATH}/media?before_ms=-1"):
            assert (await client.get(wrong, headers=admin)).status_code == 400


async def test_without_a_gateway_there_is_nothing_to_see(database: Database) -> None:
    async with a_place(database) as place:
        answer = await place.office.client.get(
            f"{PATH}/media", headers=await place.office.cookie("admin")
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "no_terminals")


def a_row(number: int) -> MediaRow:
    return MediaRow(
        phone=PHONE,
        media_id=number,
        sha256="ab" * 32,
        size_bytes=1,
        unit_id="A-01",
        kind="picture",
        format="jpeg",
        occasion="timer",
        channel=1,
        point=None,
        taken_ms=None,
        received_ms=number,
        media_type="image/jpeg",
    )


async def test_pictures_are_listed_newest_first_a_page_at_a_time(
    database: Database, media: TerminalMedia, tmp_path: Path
) -> None:
    book = PostgresTerminalMedia(database)
    for number in range(PAGE + 2):
        await book.put_media(a_row(number))
    (tmp_path / "A-01").mkdir()
    (tmp_path / "A-01" / f"{'ab' * 32}.erased").touch()
    async with a_place(database, media) as place:
        first = await page_of(place)
        assert [row["media_id"] for row in first["rows"]] == list(range(PAGE + 1, 1, -1))
        assert first["older"] is True
        assert {row["erased"] for row in first["rows"]} == {True}
        second = await page_of(place, before_ms=first["rows"][-1]["received_ms"])
        assert [row["media_id"] for row in second["rows"]] == [1, 0]
        assert second["older"] is False
        admin = await place.office.cookie("admin")
        gone = await place.office.client.get(f"{PATH}/media/1/{'ab' * 32}", headers=admin)
        assert gone.status_code == 404


async def test_a_terminal_that_announces_without_end_fills_no_more_than_its_place(
    database: Database,
) -> None:
    book = PostgresTerminalMedia(database)

    def said(number: int, heard_ms: int) -> Announced:
        return Announced(
            phone=PHONE,
            media_id=number,
            kind="picture",
            format="jpeg",
            occasion="timer",
            channel=1,
            heard_ms=heard_ms,
        )

    for number in range(MOST_ANNOUNCED + 5):
        await book.put_announced(said(number, number))
    await book.put_announced(said(10, 1_000))  # once more
    found = await book.list_announced(PHONE)
    assert len(found) == MOST_ANNOUNCED
    assert (found[0].media_id, found[-1].media_id) == (10, 5)
    await book.put_media(a_row(10))
    assert len(await book.list_announced(PHONE)) == MOST_ANNOUNCED - 1
