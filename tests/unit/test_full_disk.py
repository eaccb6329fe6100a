"""A vehicle's full disk: what is measured is seen and alarms; what can wait takes no room."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from factories.world import facts
from goldenhour.adapters.kept import lacks_room
from goldenhour.app.journal import StoreFullError
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.main.box import Box
from goldenhour.views.fold import Folded


class FullBox:
    """What of a box takes a set, on a disk that takes nothing."""

    def __init__(self) -> None:
        self.shown: list[NumericSet] = []
        self.identity = None
        self.hub = self.store = self
        self.desk = SimpleNamespace(world=SimpleNamespace(facts=facts()))
        self.alarmed: list[str] = []

    async def scope(self, _identity: Any) -> Any:
        return SimpleNamespace(view=cast("Folded", None))

    async def append_numerics(self, _sets: Any) -> None:
        raise StoreFullError("journal.sqlite: full")

    def take_numerics(self, item: NumericSet) -> None:
        self.shown.append(item)

    def _next(self, _item: NumericSet) -> int:
        return 1

    async def _alarm(self, item: NumericSet, _view: Any, _sequence: int) -> None:
        self.alarmed.append(item.device_id)


async def test_what_a_full_disk_did_not_take_is_shown_as_not_stored_and_not_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = FullBox()
    item = NumericSet(device_id="m", unit_id="A-01", device_ms=None, received_ms=1, values=())
    monkeypatch.setattr("goldenhour.main.box.names_other", lambda *_: False)
    with pytest.raises(StoreFullError):
        await Box.take_numerics(cast("Box", box), item, "")
    assert [(one.device_id, one.unstored) for one in box.shown] == [("m", True)]
    assert box.alarmed == ["m"]


def test_pictures_and_files_leave_room_for_the_journal(tmp_path: Path) -> None:
    nowhere_yet = tmp_path / "run" / "pictures"
    assert not lacks_room(nowhere_yet, 1, 0)
    assert lacks_room(nowhere_yet, 1, 1 << 60)
