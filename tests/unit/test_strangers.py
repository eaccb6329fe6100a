"""What speaks here and is in no register: it is named, counted and told; nothing of it is taken."""

from types import SimpleNamespace
from typing import Any

from factories.world import TestWorld
from goldenhour.app.accounts import Device
from goldenhour.app.strangers import (
    GATEWAY,
    MOST,
    KnownStranger,
    StrangerBook,
    StrangerNews,
    is_registered,
)
from goldenhour.main.owners import Owners


async def test_who_is_in_no_register_is_named_until_it_is_registered() -> None:
    clock = TestWorld().clock
    book = StrangerBook(clock)
    known = {"monitor-1"}
    box: Any = SimpleNamespace(hangs_here=lambda device_id: device_id in known)
    owners = Owners({"A-01": box}, book, "hl7")
    assert await owners.find_unit("monitor-1") == "A-01"
    owners.refused("monitor-1", "message_type")
    assert book.list_all() == ()

    first_ms = clock.at_ms
    assert await owners.find_unit("monitor-2") is None
    assert await owners.find_unit("") is None
    clock.at_ms += 1_000
    owners.refused("monitor-2", "message_type")
    (stranger,) = book.list_all()
    assert (stranger.way, stranger.device_id, stranger.count) == ("hl7", "monitor-2", 2)
    assert (stranger.first_ms, stranger.heard_ms) == (first_ms, first_ms + 1_000)
    assert stranger.reason == "message_type", "the newest counts"

    known.add("monitor-2")
    assert await owners.find_unit("monitor-2") == "A-01"
    assert book.list_all() == ()


def test_of_many_the_latest_are_named() -> None:
    book = StrangerBook(TestWorld().clock)
    for number in range(MOST + 2):
        book.hear("ecg", f"m{number}", "unknown_device")
    named = [one.device_id for one in book.list_all()]
    assert named == [f"m{number}" for number in range(2, MOST + 2)]


def test_a_name_that_is_too_long_to_keep_is_cut() -> None:
    book = StrangerBook(TestWorld().clock)
    book.hear("hl7", "N" * 500, "unknown_device")
    (stranger,) = book.list_all()
    assert stranger.device_id == "N" * 64
    book.forget("hl7", "N" * 500)
    assert book.list_all() == ()


def test_what_was_told_is_not_told_again() -> None:
    clock = TestWorld().clock
    book = StrangerBook(clock)
    news = StrangerNews(book)
    book.hear("hl7", "M", "unknown_device")
    book.hear("hl7", "M", "unknown_device")
    first = news.list_new()
    assert [one.count for one in first] == [2]
    book.hear("hl7", "M", "unknown_device")  # while the centre is being told
    assert [one.count for one in news.list_new()] == [3], "nothing counts as told before"
    news.told(first)
    assert [one.count for one in news.list_new()] == [1]
    news.told(news.list_new())
    assert news.list_new() == ()

    book.forget("hl7", "M")
    clock.at_ms += 1
    book.hear("hl7", "M", "unknown_device")
    assert [one.count for one in news.list_new()] == [1], "it begins anew"


def known(place: str, others: int = 0) -> KnownStranger:
    return KnownStranger(
        place=place, others=others, way="hl7", device_id="M", first_ms=0, heard_ms=0, count=1,
        reason="unknown_device", dismissed_ms=None, dismissed_by="",
    )  # fmt: skip


def test_it_is_no_stranger_once_it_may_speak_where_it_spoke() -> None:
    device = Device(id="M", kind="monitor", unit_id="A-01", key="", enabled=True)
    revoked = Device(id="M", kind="monitor", unit_id="A-01", key="", enabled=False)
    assert is_registered(known("A-01"), device)
    assert is_registered(known(GATEWAY), device)
    assert is_registered(known("A-02", others=1), device), "one computer serves both"
    assert not is_registered(known("A-02"), device)
    assert not is_registered(known("A-01"), revoked)
    assert not is_registered(known("A-01"), None)
