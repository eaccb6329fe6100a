"""A road is shut on the map: every time and way counts with it at once, at every desk."""

import json
import math
import re
from itertools import pairwise
from typing import Any

from acts import close_case, open_case
from playwright.sync_api import Page, expect
from test_one_case import shot

from conftest import Node, SeatMaker

PAGES = "async (path) => (await fetch(path)).json()"
MIDDLE = """
(selector) => {
  const box = document.querySelector(selector).getBoundingClientRect()
  return [box.x + box.width / 2, box.y + box.height / 2, box.y + box.height]
}
"""


def north(lat: float) -> float:
    """Of a place on the map's projection."""
    return math.asinh(math.tan(math.radians(lat)))


class Pixels:
    """Where a place stands on the screen: from two places that are seen there."""

    def __init__(
        self, page: Page, scene: dict[str, float], vehicle: dict[str, float], unit: str
    ) -> None:
        pin_x, _, pin_y = page.evaluate(MIDDLE, ".ghm-case.sel")
        unit_x, unit_y, _ = page.evaluate(MIDDLE, f".ghm-unit[data-unit='{unit}'] svg")
        self._scene, self._pin = scene, (pin_x, pin_y)
        east, up = vehicle["lon"] - scene["lon"], north(vehicle["lat"]) - north(scene["lat"])
        # The scale is the same in both directions; the longer side tells it better.
        degree = math.radians(1)
        if abs(east * degree) > abs(up):
            self._scale = (unit_x - pin_x) / (east * degree)
        else:
            self._scale = (pin_y - unit_y) / up

    def of(self, place: dict[str, float]) -> tuple[float, float]:
        east = math.radians(place["lon"] - self._scene["lon"])
        up = north(place["lat"]) - north(self._scene["lat"])
        return self._pin[0] + east * self._scale, self._pin[1] - up * self._scale


def metres(a: dict[str, float], b: dict[str, float]) -> float:
    up = (a["lat"] - b["lat"]) * 111_195
    east = (a["lon"] - b["lon"]) * 111_195 * math.cos(math.radians(a["lat"]))
    return math.hypot(up, east)


def along(points: list[dict[str, float]], share: float) -> dict[str, float]:
    """The place at a share of a way's length."""
    steps = [metres(a, b) for a, b in pairwise(points)]
    left = share * sum(steps)
    for (a, b), step in zip(pairwise(points), steps, strict=True):
        if left <= step:
            part = left / step
            return {
                "lat": a["lat"] + part * (b["lat"] - a["lat"]),
                "lon": a["lon"] + part * (b["lon"] - a["lon"]),
            }
        left -= step
    return points[-1]


def nearest_m(points: list[dict[str, float]], place: dict[str, float]) -> float:
    dense = [along(points, n / 400) for n in range(401)]
    return min(metres(point, place) for point in dense)


def test_a_shut_road_turns_every_way_and_opens_again(seat: SeatMaker) -> None:
    desk, other = seat("dispatcher", "/dispatcher"), seat("dispatcher2", "/dispatcher")
    page = desk.page
    number = open_case(page, "学府路 6")
    row = page.get_by_test_id("candidate-1")
    expect(row).to_be_visible()
    expect(page.locator(".ghm-eta")).to_be_visible()

    def ask(path: str) -> Any:
        return page.evaluate(PAGES, path)

    (incident,) = [one for one in ask("/api/cases") if one["number"] == number]
    case = incident["incident_id"]
    before = ask(f"/api/recommend?incident_id={case}")
    unit = before["ranked"][0]["unit_id"]
    way = ask(f"/api/route/proposed?unit_id={unit}&incident_id={case}")
    points = way["points"]
    (scene, *_) = ask("/api/address/search?q=%E5%AD%A6%E5%BA%9C%E8%B7%AF%206")
    pixels = Pixels(page, scene["point"], points[0], unit)

    page.get_by_test_id("roads-open").click()
    expect(page.get_by_test_id("roads")).to_contain_text("没有封闭或缓行的道路")
    page.get_by_test_id("roads-learnt").locator("summary").click()
    expect(page.get_by_test_id("roads-learnt")).to_contain_text(re.compile("还没有|近 [0-9]+ 次"))
    shot(desk, "dispatcher-speeds-learnt")
    page.get_by_test_id("roads-learnt").locator("summary").click()
    page.get_by_test_id("road-draw").click()
    for share in (0.45, 0.6):
        page.mouse.click(*pixels.of(along(points, share)))
    expect(page.get_by_test_id("road-go")).to_be_visible()
    page.get_by_test_id("road-label").fill("试验路段")
    page.get_by_test_id("road-reason").select_option("water")
    page.get_by_test_id("road-for-60").click()
    shot(desk, "dispatcher-road-draw")
    with page.expect_response(lambda answer: "/api/recommend" in answer.url) as asked:
        page.get_by_test_id("road-go").click()
        expect(page.get_by_test_id("road-new")).to_have_count(0)
    after = asked.value.json()
    assert after["metric_version"] > before["metric_version"], "asked before the road counted"
    expect(page.get_by_test_id("roads")).to_contain_text("试验路段 封闭 · 积水")
    expect(page.locator(".ghm-road")).to_have_text("试验路段 积水")

    shut = along(points, 0.52)
    assert nearest_m(points, shut) < 5
    turned = ask(f"/api/route/proposed?unit_id={unit}&incident_id={case}")["points"]
    assert nearest_m(turned, shut) > 20
    was, now = (
        next(one["eta_s"] for one in answer["ranked"] if one["unit_id"] == unit)
        for answer in (before, after)
    )
    # Street speeds are learnt meanwhile, so the same way need not take the same time.
    assert now >= 0.9 * was
    shot(desk, "dispatcher-road-shut")

    # The other desk sees it, makes it slow, and opens it.
    other.page.get_by_test_id("roads-open").click()
    item = other.page.locator("[data-testid=roads] li")
    expect(item).to_contain_text("试验路段")
    item.get_by_test_id("road-change").click()
    item.get_by_test_id("road-share").select_option("0.4")
    item.get_by_test_id("road-until").fill("23:58")
    item.get_by_test_id("road-change-go").click()
    expect(page.get_by_test_id("roads")).to_contain_text("缓行，剩 40% 车速")
    expect(page.get_by_test_id("roads")).to_contain_text("到 23:58")
    item.get_by_test_id("road-open").click()
    expect(page.get_by_test_id("roads")).to_contain_text("没有封闭或缓行的道路")
    expect(page.locator(".ghm-road")).to_have_count(0)
    opened = ask(f"/api/recommend?incident_id={case}")
    again = next(o["eta_s"] for o in opened["ranked"] if o["unit_id"] == unit)
    assert abs(again - was) <= max(5, 0.15 * was)

    # A click too many is taken back, and Escape stops the drawing.
    page.get_by_test_id("road-draw").click()
    page.mouse.click(*pixels.of(along(points, 0.3)))
    page.get_by_test_id("road-undo").click()
    expect(page.get_by_test_id("road-undo")).to_have_count(0)
    page.get_by_test_id("road-cancel").click()
    expect(page.get_by_test_id("road-new")).to_have_count(0)
    page.get_by_test_id("roads-close").click()
    close_case(page, number)
    for used in (desk, other):
        assert used.errors == []


def test_a_road_authority_shuts_a_road_and_what_a_desk_opens_stays_open(
    node: Node, seat: SeatMaker
) -> None:
    desk = seat("dispatcher", "/dispatcher")
    page = desk.page
    found = page.evaluate(PAGES, "/api/address/search?q=%E5%AD%A6%E5%BA%9C%E8%B7%AF")
    here = found[0]["point"]
    by_hand = node.state / "road-feed.json"
    entry = {
        "id": "J-1",
        "type": "ROAD_CLOSED",
        "subtype": "ROAD_CLOSED_EVENT",
        "street": "学府路东段",
        "polyline": f"{here['lat']} {here['lon']} {here['lat']} {here['lon'] + 0.002}",
        "direction": "BOTH_DIRECTIONS",
    }
    by_hand.write_text(json.dumps([entry]), encoding="utf-8")
    page.get_by_test_id("roads-open").click()
    road = page.get_by_test_id("roads").locator("li", has_text="学府路东段")
    expect(road).to_contain_text("封闭 · 交通管制")
    expect(road).to_contain_text("交警路况")
    shot(desk, "dispatcher-road-by-feed")
    road.get_by_test_id("road-mistake").click()
    expect(road).to_have_count(0)
    # The next entry comes, the one that the desk took back does not.
    by_hand.write_text(json.dumps([entry, entry | {"id": "J-2", "street": "学府路西段"}]), "utf-8")
    west = page.get_by_test_id("roads").locator("li", has_text="学府路西段")
    expect(west).to_have_count(1)
    expect(road).to_have_count(0)
    by_hand.unlink()
    expect(west).to_have_count(0)
    page.get_by_test_id("roads-close").click()
    assert desk.errors == []
