"""A terminal has gone silent: the crew's tablet says where the vehicle is, and the desk knows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from conftest import Node, SeatMaker, run_node

TURNS = 60
"""A terminal's word is fresh for a minute."""
TURN_MS = 2_000
STATION = """async (sign) => {
  const city = await (await fetch('/api/city')).json()
  const unit = city.units.find((one) => one.call_sign === sign)
  const station = city.stations.find((one) => one.id === unit.station_id)
  return [unit.id, station.point.lat, station.point.lon]
}"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """Of its own: a terminal that was turned away does not come back."""
    yield from run_node()


def receive(tablet: BrowserContext, lat: float, lon: float) -> None:
    tablet.set_geolocation({"latitude": lat, "longitude": lon, "accuracy": 10})


def test_where_the_terminal_is_silent_the_desk_reads_the_tablets_position(
    node: Node, seat: SeatMaker
) -> None:
    desk = seat("dispatcher2", "/dispatcher")
    ready = desk.page.locator("[data-testid^=unit-][data-state=ready]")
    sign = str(ready.last.get_attribute("data-testid")).removeprefix("unit-")
    office = seat("admin", "/admin")
    devices = office.page.request.get(f"{node.centre}/api/admin/devices").json()
    unit_id, lat, lon = office.page.evaluate(STATION, sign)
    (terminal,) = (d for d in devices if d["kind"] == "terminal" and d["unit_id"] == unit_id)
    name = {"kind": "terminal", "device_id": terminal["id"]}

    crew = seat(f"crew-{sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    crew.page.get_by_test_id("menu").click()
    words = crew.page.get_by_test_id("tablet-place")
    expect(words).to_contain_text("平板未获准读取位置")
    receive(crew.context, lat, lon)
    crew.context.grant_permissions(["geolocation"])
    expect(words).to_have_text("位置来自车载终端", timeout=30_000)

    revoked = office.page.request.post(f"{node.centre}/api/admin/devices/revoke", data=name)
    assert revoked.ok, revoked.text()
    tag = desk.page.get_by_test_id(f"tablet-{unit_id}")
    for _turn in range(TURNS):
        receive(crew.context, lat, lon)
        desk.page.wait_for_timeout(TURN_MS)  # the pace of a receiver
        if tag.is_visible():
            break
    expect(tag).to_have_text("平板")
    expect(words).to_have_text("位置来自平板")
    desk.page.get_by_test_id(f"unit-{sign}").click()
    expect(desk.page.get_by_test_id("unit-tablet")).to_have_text("位置来自平板")
    expect(desk.page.locator(f"[data-unit='{unit_id}'] .source")).to_have_text("位置来自平板")
    assert crew.errors == desk.errors == []
