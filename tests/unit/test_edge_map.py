"""A vehicle's computer without a map fetches its centre's: whole, proved, and on after a cut."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from factories.world import TestWorld
from goldenhour.adapters.city.shelf import CityShelf
from goldenhour.adapters.edge.maps import FetchMap, MapFolder
from goldenhour.adapters.edge.uploads import ProtocolError
from goldenhour.app.maps import MapFile, MapOffer
from goldenhour.main.box_map import MAPS, BoxMap
from goldenhour.main.settings import Settings

SLICE = 1_000


def a_city(folder: Path, mark: bytes = b"a") -> Path:
    (folder / "valhalla" / "2" / "000").mkdir(parents=True)
    (folder / "city.json").write_bytes(b'{"name": "' + mark + b'"}')
    (folder / "tiles.pmtiles").write_bytes(mark * 4_500)
    (folder / "roads.npz").write_bytes(b"roads" * 700)
    (folder / "valhalla" / "2" / "000" / "762.gph").write_bytes(b"graph" * 300)
    (folder / "source.txt").write_bytes(b"not for vehicles")
    return folder


class Centre:
    """Answers as the routes do; the line may break, and bytes may be others than they were."""

    def __init__(self, shelf: CityShelf) -> None:
        self.shelf = shelf
        self.asked: list[dict[str, Any]] = []
        self.breaks_after: int | None = None
        self.spoilt = ""

    def slice_bytes(self) -> int:
        return SLICE

    async def __call__(self, method: str, path: str, **said: Any) -> bytes:
        assert method == "GET"
        if path == "/api/edge/map":
            offer = await self.shelf.find_offer()
            return msgspec.json.encode(offer) if offer else b""
        assert path == "/api/edge/map/file"
        asked = said["params"]
        if self.breaks_after is not None and len(self.asked) >= self.breaks_after:
            raise ConnectionError("cut")
        self.asked.append(asked)
        data = await self.shelf.read(asked["sha256"], asked["offset"], asked["size"])
        if data and asked["sha256"] == self.spoilt:
            return b"X" + data[1:]
        return data or b""


class Box:
    def __init__(self, folder: Path, keep_free_bytes: int = 0) -> None:
        self.maps = MapFolder(folder, keep_free_bytes)
        self.renewed = 0
        self.fetch = FetchMap(self.maps, TestWorld().clock, self._renew, every_s=60)

    def _renew(self) -> None:
        self.renewed += 1

    async def ask(self, centre: Centre) -> None:
        """One turn of the errand: it fails, or is done and waits."""
        running = asyncio.ensure_future(self.fetch.run(centre))
        waiting = asyncio.create_task(self._idle(running))
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if running.done():
            running.result()
        running.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)

    async def _idle(self, running: "asyncio.Future[None]") -> None:
        while not running.done() and self.fetch.status().looked_ms is None:
            if self.fetch.status().no_room:
                return
            await asyncio.sleep(0)

    def city(self) -> Path:
        found = self.maps.find_current()
        assert found is not None
        return found[0]


async def test_it_is_fetched_whole_and_used_from_then_on(tmp_path: Path) -> None:
    centre = Centre(CityShelf(a_city(tmp_path / "centre")))
    box = Box(tmp_path / "box")
    status = box.fetch.status()
    assert (status.state, status.built_ms) == ("none", None)
    await box.ask(centre)
    assert box.renewed == 1
    for name in ("city.json", "tiles.pmtiles", "roads.npz", "valhalla/2/000/762.gph"):
        assert (box.city() / name).read_bytes() == (tmp_path / "centre" / name).read_bytes()
    assert not (box.city() / "source.txt").exists()
    assert all(asked["size"] <= SLICE for asked in centre.asked)

    asked = len(centre.asked)
    again = Box(tmp_path / "box")
    offer = await centre.shelf.find_offer()
    assert offer is not None
    assert (again.fetch.status().state, again.fetch.status().built_ms) == (
        *("fetched",),
        offer.built_ms,
    )
    await again.ask(centre)
    assert (len(centre.asked), again.renewed) == (asked, 0), "the same map is not sent twice"


async def test_it_goes_on_where_the_line_broke_and_until_then_nothing_is_used(
    tmp_path: Path,
) -> None:
    centre = Centre(CityShelf(a_city(tmp_path / "centre")))
    centre.breaks_after = 5
    with pytest.raises(ConnectionError):
        await Box(tmp_path / "box").ask(centre)
    box = Box(tmp_path / "box")  # after a restart too
    assert box.maps.find_current() is None
    centre.breaks_after = None
    await box.ask(centre)
    slices = [(asked["sha256"], asked["offset"]) for asked in centre.asked]
    assert len(slices) == len(set(slices)), "no slice came twice"
    assert (box.city() / "tiles.pmtiles").stat().st_size == 4_500


async def test_what_is_not_what_was_offered_is_begun_again(tmp_path: Path) -> None:
    shelf = CityShelf(a_city(tmp_path / "centre"))
    offer = await shelf.find_offer()
    assert offer is not None
    centre, box = Centre(shelf), Box(tmp_path / "box")
    centre.spoilt = next(f.sha256 for f in offer.files if f.path == "roads.npz")
    with pytest.raises(ProtocolError):
        await box.ask(centre)
    assert box.maps.find_current() is None
    centre.spoilt = ""
    before = len(centre.asked)
    await box.ask(centre)
    assert (box.city() / "roads.npz").read_bytes() == b"roads" * 700
    assert {asked["sha256"] for asked in centre.asked[before:]} == {
        next(f.sha256 for f in offer.files if f.path == "roads.npz")
    }, "what was right is kept"


async def test_a_newer_map_takes_its_place_and_only_what_changed_is_fetched(
    tmp_path: Path,
) -> None:
    shelf = CityShelf(a_city(tmp_path / "centre"))
    centre, box = Centre(shelf), Box(tmp_path / "box")
    await box.ask(centre)
    old, before = box.city(), len(centre.asked)
    (tmp_path / "centre" / "tiles.pmtiles").write_bytes(b"b" * 2_500)
    box = Box(tmp_path / "box")
    await box.ask(centre)
    assert (box.city() / "tiles.pmtiles").read_bytes() == b"b" * 2_500
    assert len({asked["sha256"] for asked in centre.asked[before:]}) == 1
    assert old.is_dir(), "whoever has it open still reads it"
    Box(tmp_path / "box").maps.drop_others()
    assert not old.exists()
    assert (box.city() / "roads.npz").is_file()


async def test_without_room_the_old_map_stays(tmp_path: Path) -> None:
    centre = Centre(CityShelf(a_city(tmp_path / "centre")))
    box = Box(tmp_path / "box", keep_free_bytes=1 << 60)
    await box.ask(centre)
    assert box.fetch.status().no_room
    assert (centre.asked, box.maps.find_current()) == ([], None)


async def test_a_centre_without_a_map_offers_none(tmp_path: Path) -> None:
    shelf = CityShelf(tmp_path / "nowhere")
    assert await shelf.find_offer() is None
    assert await shelf.read("0" * 64, 0, 1) is None


@pytest.mark.parametrize("path", ["../journal.sqlite", "/etc/passwd", "a/../b", ".hidden", ""])
def test_no_offer_names_a_place_outside(path: str) -> None:
    offer = MapOffer(
        digest="0" * 64,
        built_ms=0,
        files=(MapFile(path=path, size_bytes=1, sha256="0" * 64),),
    )
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(offer), type=MapOffer)


async def test_a_computer_with_a_map_of_its_own_fetches_none(tmp_path: Path) -> None:
    clock = TestWorld().clock
    a_city(tmp_path / "city")
    own = BoxMap(Settings(state=str(tmp_path)), clock, 0)
    assert (own.fetch, own.folder, own.status().state) == (None, tmp_path / "city", "own")

    bare = BoxMap(Settings(state=str(tmp_path / "bare")), clock, 0)
    assert bare.fetch is not None
    assert bare.status().state == "none"
    await Box(tmp_path / "bare" / MAPS).ask(Centre(CityShelf(tmp_path / "city")))
    again = BoxMap(Settings(state=str(tmp_path / "bare")), clock, 0)
    assert again.status().state == "fetched"
    assert (again.folder / "roads.npz").is_file()


async def test_a_newer_map_is_opened_when_no_vehicle_is_on_a_run(tmp_path: Path) -> None:
    box = BoxMap(Settings(state=str(tmp_path / "bare")), TestWorld().clock, 0)
    changed, asked = asyncio.Event(), 0

    async def run_now() -> str:
        nonlocal asked
        asked += 1
        return ""

    watching = asyncio.create_task(box.watch([run_now], changed))
    await asyncio.sleep(0)
    assert (asked, changed.is_set()) == (0, False)
    box._renewed.set()
    await changed.wait()
    assert asked == 1
    await watching
