"""Ultrasound with two patients aboard: it waits, a press puts it to one, a band binds the probe.

A corrected place takes its pictures and the ticked files along; quality claims what still waits.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random  # noqa: TID251 (a seeded one)

import msgspec
import pytest
from acts import board_with_a_patient
from playwright.sync_api import expect
from test_files import jpeg, pick
from test_one_case import shot
from test_two_patients import BAND, FIRST, SECOND, register

from conftest import Node, SeatMaker, run_node
from goldenhour.app.devices import Vehicle
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.main.run import VEHICLES_FILE
from goldenhour.simulator.ultrasound import UltrasoundConfig, examine

NOW_MS = 1_795_300_000_000 // MINUTE_MS * MINUTE_MS


class Then:
    def now_ms(self) -> int:
        return NOW_MS


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """Of its own: the case stays open, and other tests count cases."""
    yield from run_node()


def examined(node: Node, call_sign: str, seed: int) -> int:
    """One examination by the vehicle's own device; how many pictures the vehicle took."""
    written = (node.state / VEHICLES_FILE).read_bytes()
    vehicles = msgspec.json.decode(written, type=tuple[Vehicle, ...])
    (title,) = next(one.scanners for one in vehicles if one.call_sign == call_sign)
    config = UltrasoundConfig(
        host="127.0.0.1", port=node.ports["dicom_port"], called="GOLDENHOUR", title_of={}
    )
    with ThreadPoolExecutor(1) as other:  # the browser's own loop runs in this thread
        work = other.submit(asyncio.run, examine(config, title, None, Then(), Random(seed)))
        answers = work.result()
    assert set(answers) == {0}
    return len(answers)


def test_pictures_of_two_patients_wait_until_somebody_says_whose_they_are(
    node: Node, seat: SeatMaker
) -> None:
    crew, run = board_with_a_patient(node, seat, registered=False)
    page, call_sign = crew.page, run.call_sign
    register(page, FIRST)
    register(page, SECOND)

    count = examined(node, call_sign, 1)
    device = page.get_by_test_id("monitors").locator("[data-testid^='monitor-SIM-US']")
    expect(device).to_contain_text("未绑定")
    page.get_by_test_id("capture-chart").click()
    expect(page.get_by_test_id("chart-ultrasound")).to_contain_text("待认领")
    page.get_by_test_id("chart-ultrasound").click()
    waiting = page.get_by_test_id("us-waiting-one")
    expect(waiting).to_have_count(count)
    expect(page.get_by_test_id("us-thumb")).to_have_count(0)
    shot(crew, "crew-ultrasound-waiting")
    waiting.first.get_by_role("button").filter(has_text=SECOND).click()
    expect(waiting).to_have_count(count - 1)
    # The page is of the newest patient, to whom it was put.
    expect(page.get_by_test_id("us-thumb")).to_have_count(1)
    # The wrong one: it goes on to the other patient, with a reason.
    page.get_by_test_id("us-move").click()
    page.get_by_test_id("us-move-reason").fill("点错了")
    page.get_by_role("button", name=f"归入 {FIRST}", exact=True).click()
    expect(page.get_by_test_id("us-thumb")).to_have_count(0)
    page.get_by_test_id("sheet-close").click()

    device.click()
    page.get_by_test_id("monitor-device").get_by_text("SIM-US").click()
    page.get_by_test_id("monitor-band").fill(BAND)
    page.get_by_test_id("monitor-patient").get_by_text(SECOND).click()
    page.get_by_test_id("monitor-bind").click()
    expect(page.get_by_test_id("monitor-sheet")).to_have_count(0)
    expect(device).to_contain_text(SECOND)
    more = examined(node, call_sign, 2)
    page.get_by_test_id("capture-chart").click()
    page.get_by_test_id("chart-ultrasound").click()
    expect(page.get_by_test_id("us-thumb")).to_have_count(more)
    expect(waiting).to_have_count(count - 1)
    page.get_by_test_id("sheet-close").click()

    # The probe was on the other one all the time: its pictures go by themselves, a photo by a tick.
    page.get_by_test_id("capture-files").click()
    page.get_by_test_id("file-caption").fill("左前臂")
    pick(page, "photo-input", "arm.jpg", "image/jpeg", jpeg(800, 600))
    expect(page.get_by_test_id("file-photo")).to_contain_text("左前臂")
    page.get_by_test_id("sheet-close").click()
    device.click()
    page.get_by_test_id("monitor-device").get_by_text("SIM-US").click()
    page.get_by_test_id("monitor-swap").click()
    page.get_by_test_id("swap-patient").get_by_text(FIRST).click()
    expect(page.get_by_test_id("go-along-follow")).to_contain_text(f"{more} 幅")
    photo = page.get_by_test_id("along-photo")
    expect(photo).to_contain_text("左前臂")
    box = photo.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    photo.get_by_role("checkbox").check()
    page.get_by_test_id("reason").get_by_role("button").first.click()
    shot(crew, "crew-correct-files")
    page.get_by_test_id("swap-save").click()
    expect(page.get_by_test_id("monitor-sheet")).to_have_count(0)
    page.get_by_test_id("capture-files").click()
    expect(page.get_by_test_id("files-none")).to_be_visible()
    page.get_by_test_id("sheet-close").click()
    page.get_by_test_id("capture-chart").click()
    page.get_by_test_id("chart-ultrasound").click()
    expect(waiting).to_have_count(count - 1)
    expect(page.get_by_test_id("us-thumb")).to_have_count(0)
    assert crew.errors == []

    claimed_by_quality(seat, count - 1)


def claimed_by_quality(seat: SeatMaker, count: int) -> None:
    first, other = seat("quality", "/waiting"), seat("quality", "/waiting")
    rows, stale = (one.page.get_by_test_id("waiting-one") for one in (first, other))
    # They are carried to the centre behind everything else.
    expect(rows).to_have_count(count, timeout=60_000)
    expect(rows.first.locator("img")).to_be_visible()
    other.page.reload()
    expect(stale).to_have_count(count)
    # What this one sees is a moment old.
    other.page.route("**/api/images/waiting/all", lambda route: route.abort())
    assert first.page.get_by_test_id("waiting-put").first.is_disabled()
    for row, reason in ((rows.first, "看图像与左侧患者一致"), (stale.first, "我也看了")):
        row.get_by_role("radio").first.check()
        row.get_by_test_id("waiting-reason").fill(reason)
        shot(first, "review-waiting")
        row.get_by_test_id("waiting-put").click()
        expect(rows).to_have_count(count - 1)
    expect(other.page.locator("[data-testid=refusal][data-code=already_put]")).to_be_visible()
    shot(other, "review-waiting-refused")
    assert first.errors == []
