"""Two nodes in a browser: a county borrows a unit of the city, then hands the case over to it.

The two are the real application on a database each, linked over TLS, in a thread of this process.
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from factories.office import COOKIE
from factories.shared_case import Two, shared_case
from factories.two_nodes import UNIT, NodeSite, neighbours
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app import copies
from goldenhour.main.pages import web_root

SHOTS = Path(__file__).parents[2] / "test-results"
WAIT_MS = 60_000
TURN_MS = 50


@dataclass
class Sites:
    two: Two
    loop: asyncio.AbstractEventLoop
    opened: list[BrowserContext] = field(default_factory=list)

    def desk(
        self, browser: Browser, site: NodeSite, who: str = "dispatcher", path: str = "/dispatcher"
    ) -> Page:
        header = self.do(site.office.cookie(who))["cookie"]
        context = browser.new_context(
            ignore_https_errors=True,
            viewport={"width": 1920, "height": 1080},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.opened.append(context)
        value = header.partition("=")[2]
        context.add_cookies([{"name": COOKIE, "value": value, "url": site.url}])
        page = context.new_page()
        page.goto(f"{site.url}{path}")
        return page

    def do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@pytest.fixture
def sites(server: EmbeddedServer, tmp_path: Path) -> Iterator[Sites]:
    ready: Future[Sites] = Future()
    stopping = threading.Event()

    async def live() -> None:
        database = Database(server.conninfo("postgres", "goldenhour"))
        await database.open()
        try:
            async with (
                shared_case(server, database, tmp_path, web_root()) as two,
                neighbours(two.city, two.county),
            ):
                ready.set_result(Sites(two, asyncio.get_running_loop()))
                while not stopping.is_set():
                    # What the worker does.
                    for site in (two.city, two.county):
                        await site.fire_all()
                        await site.carry()
                        site.world.clock.at_ms += TURN_MS
                    await asyncio.sleep(TURN_MS / 1000)
        finally:
            await database.close()

    def work() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        made = ready.result(60)
        yield made
        # Before their servers, which leave lines behind that somebody holds on to.
        for context in made.opened:
            context.close()
    finally:
        stopping.set()
        thread.join(30)
        assert not thread.is_alive()


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def test_a_county_borrows_a_unit_and_hands_the_case_to_the_city(
    sites: Sites, browser: Browser
) -> None:
    expect.set_options(timeout=WAIT_MS)
    two = sites.two
    number = sites.do(two.county.state(two.incident)).number.rpartition("-")[2]
    county, city = sites.desk(browser, two.county), sites.desk(browser, two.city)

    # Asked for, and not called sent before the run is here.
    link = two.county.links["city"]
    post, go = link.ask, threading.Event()

    async def held(ask: Any) -> Any:
        return await post(ask) if go.is_set() else None

    link.ask = held  # type: ignore[method-assign]
    county.get_by_test_id(f"pending-{number}").click()
    county.get_by_test_id(f"unit-{UNIT}").click()
    county.get_by_test_id("unit-ask").click()
    asked = county.get_by_test_id(f"ask-{UNIT}")
    expect(asked).to_have_attribute("data-outcome", "waiting")
    expect(asked).to_contain_text("尚未派出")
    shot(county, "two-nodes-asked")
    go.set()
    expect(asked).to_have_attribute("data-outcome", "sent")
    expect(city.get_by_test_id("alert-unit_lent")).to_contain_text("county")
    # Neither node has a city: the map has nothing to draw, and does not fail for it.
    expect(county.get_by_text("这一部分出错了")).to_have_count(0)
    shot(county, "two-nodes-sent")

    # As if the line had garbled the offer, its bytes do not hash to what they say.
    boss = sites.desk(browser, two.city, "supervisor", "/nodes")
    refused = boss.get_by_test_id(f"refused-{two.incident}")
    with pytest.MonkeyPatch.context() as garbled:
        garbled.setattr(copies, "hash_of", lambda *_: b"?")
        county.get_by_test_id("transfer-offer").click()
        county.get_by_test_id("transfer-whom").select_option("node:city")
        county.get_by_test_id("reason-1").click()
        expect(refused).to_contain_text("接不上")
    expect(city.get_by_text("1 份资料没能收下")).to_be_visible()
    shot(boss, "two-nodes-refused")
    boss.get_by_test_id(f"dismiss-{two.incident}").click()
    expect(refused).to_contain_text("supervisor")
    expect(city.get_by_text("1 份资料没能收下")).to_have_count(0)
    refused.get_by_text("恢复提示").click()
    boss.get_by_test_id(f"again-{two.incident}").click()
    expect(refused).to_have_count(0)

    # Handed over: the city reads it before it decides, and goes on with it.
    expect(city.get_by_test_id("alert-case_offered")).to_contain_text(number)
    shot(city, "two-nodes-offered")
    city.get_by_test_id(f"active-{UNIT}").click()
    city.get_by_test_id("transfer-take").click()
    expect(city.get_by_test_id("transfer-offer")).to_be_visible()
    expect(county.get_by_test_id("node-tag").first).to_contain_text("city")
    expect(county.get_by_test_id("transfer-offer")).to_have_count(0)
    shot(city, "two-nodes-taken")
    shot(county, "two-nodes-handed-over")
