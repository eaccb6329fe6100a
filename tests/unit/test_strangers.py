"""What speaks to a vehicle's computer and is in no register: the crew is told, nothing is taken."""

from types import SimpleNamespace
from typing import Any

from factories.world import TestWorld
from goldenhour.main.vehicle import MOST_STRANGERS, _Owners


async def test_who_is_in_no_register_is_named_until_it_is_registered() -> None:
    clock = TestWorld().clock
    known = {"monitor-1"}
    box: Any = SimpleNamespace(hangs_here=lambda device_id: device_id in known)
    owners = _Owners({"A-01": box}, clock)
    assert await owners.find_unit("monitor-1") == "A-01"
    assert owners.list_strangers() == ()

    assert await owners.find_unit("monitor-2") is None
    assert await owners.find_unit("") is None
    (stranger,) = owners.list_strangers()
    assert (stranger.device_id, stranger.heard_ms) == ("monitor-2", clock.at_ms)

    known.add("monitor-2")
    assert await owners.find_unit("monitor-2") == "A-01"
    assert owners.list_strangers() == ()


async def test_of_many_the_latest_are_named() -> None:
    owners = _Owners({}, TestWorld().clock)
    for number in range(MOST_STRANGERS + 2):
        await owners.find_unit(f"m{number}")
    named = [one.device_id for one in owners.list_strangers()]
    assert named == [f"m{number}" for number in range(2, MOST_STRANGERS + 2)]
