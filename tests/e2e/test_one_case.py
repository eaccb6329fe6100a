"""One case through all consoles, with the real gateway, monitor and vehicle computer.

The link between the vehicle and the centre is cut for a minute in the middle: the crew goes on
working, and afterwards nothing is lost, nothing doubled, and the order is right.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from acts import answer_next, send_unit
from playwright.sync_api import Page, expect

from conftest import Node, Seat, SeatMaker
from goldenhour.adapters.edge import SealedFiles, Vault
from goldenhour.main.clock import SystemClock
from goldenhour.wire.ecg_stream import decode

CUT_S = 60
SHOTS = Path(__file__).parents[2] / "test-results"


def shot(seat: Seat, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    seat.page.screenshot(path=SHOTS / f"{name}.png")


def take_call(page: Page) -> str:
    """A typed call, an address, a complaint, and answers until a unit may be sent."""
    page.get_by_test_id("new-call").click()
    page.get_by_test_id("new-call-number").fill("13900005678")
    page.get_by_test_id("new-call-go").click()
    page.get_by_test_id("open-incident").or_(page.get_by_test_id("topic-filter")).first.wait_for()
    if page.get_by_test_id("open-incident").is_visible():
        page.get_by_test_id("open-incident").click()
    page.get_by_test_id("topic-filter").wait_for()
    page.get_by_test_id("address-input").click()
    page.get_by_test_id("address-input").fill("学府路 6")
    page.get_by_test_id("address-0").click()
    expect(page.get_by_test_id("location")).to_contain_text("学府路")
    page.get_by_test_id("topic-chest_pain").click()
    # What is asked first changes with the complaint.
    expect(page.get_by_test_id("protocol").locator("h2")).to_contain_text("胸痛")
    for _turn in range(12):
        if page.get_by_test_id("dispatch").is_visible():
            break
        answer_next(page)
    expect(page.get_by_test_id("dispatch")).to_be_enabled()
    return page.get_by_test_id("case-number").inner_text()


def press_next(page: Page, milestone: str) -> None:
    """The big button, when it offers this node."""
    button = page.get_by_test_id("next")
    expect(button).to_have_attribute("data-milestone", milestone)
    button.click()
    expect(page.get_by_test_id(f"node-{milestone}")).to_be_visible()


def fetch(page: Page, path: str) -> Callable[[], object]:
    return lambda: page.evaluate("path => fetch(path).then(r => r.json())", path)


def see_the_number(page: Page) -> None:
    """Without a link nobody can be joined: the number itself is shown, for a reason."""
    page.get_by_test_id("show-number").click()
    expect(page.get_by_test_id("show-number-go")).to_be_disabled()
    page.get_by_test_id("show-number-why").get_by_text("没有网络").click()
    page.get_by_test_id("show-number-go").click()
    number = page.get_by_test_id("callback")
    expect(number).to_contain_text("13900005678")
    expect(number).to_have_attribute("href", "tel:13900005678")


def test_one_case_from_call_to_bed_with_the_link_cut(node: Node, seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    case_number = take_call(desk.page)
    call_sign = send_unit(desk.page)
    active = desk.page.get_by_test_id(f"active-{call_sign}")
    shot(desk, "dispatcher")

    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    crew.page.get_by_test_id("accept").click()
    press_next(crew.page, "departed")
    expect(active).to_contain_text("出车")
    # Neither sees the other's number: the centre has both rung up (a double answers).
    caller = crew.page.get_by_test_id("callback")
    expect(caller).to_contain_text("139****5678")
    caller.click()
    expect(crew.page.get_by_test_id("callback-state")).to_contain_text("请接车载电话")
    expect(crew.page.get_by_test_id("callback-state")).to_contain_text("已接通")

    # The vehicle loses the centre; its own computer goes on.
    node.link.cut()
    mended = threading.Event()

    def mend() -> None:
        node.link.mend()
        mended.set()

    timer = threading.Timer(CUT_S, mend)
    timer.start()
    for milestone in ("on_scene", "at_patient"):
        press_next(crew.page, milestone)
    register_patient(crew.page)
    shot(crew, "crew-offline")
    waiting = fetch(crew.page, "/api/edge/status")()
    assert isinstance(waiting, dict)
    assert waiting["pending"] > 0
    silence = crew.page.get_by_test_id("silence-link")
    expect(silence).to_contain_text("与中心失联", timeout=CUT_S * 1000)
    expect(active).to_contain_text("出车")  # the desk has not heard of it
    see_the_number(crew.page)
    shot(crew, "crew-number-shown")
    assert mended.wait(CUT_S + 30)
    expect(active).to_contain_text("接触患者", timeout=30_000)

    hospital_name = choose_hospital(crew.page)
    accounts = [a for a in node.accounts.values() if a["name"].startswith(hospital_name)]
    ward = seat(accounts[0]["username"], "/hospital")
    ward.page.get_by_test_id("acknowledge").click()
    ward.page.get_by_test_id("ack-name").fill("王立群")
    ward.page.get_by_test_id("ack-bay").fill("抢救 1")
    ward.page.get_by_test_id("ack-save").click()
    expect(ward.page.get_by_test_id("patient-head")).to_contain_text("周建明")
    expect(ward.page.get_by_test_id("tiles")).to_be_visible()
    lose_and_regain_the_ecg(node, crew.page, ward)
    expect(crew.page.get_by_test_id("prealert-answer")).to_contain_text("王立群")
    shot(ward, "hospital")
    for milestone in ("loaded", "left_scene", "at_hospital"):
        press_next(crew.page, milestone)
    shot(crew, "crew")
    sign(crew.page, "李医生")
    sign(ward.page, "王立群")
    press_next(crew.page, "handed_over")
    expect(crew.page.get_by_test_id("unsigned")).to_be_visible()
    crew.page.get_by_test_id("next").click()
    expect(crew.page.get_by_test_id("undo")).to_be_visible()
    expect(crew.page.get_by_test_id("idle")).to_be_visible(timeout=15_000)
    # What was not signed on the way is finished at the station.
    crew.page.locator("[data-testid^=ended-record-]").first.click()
    expect(crew.page.get_by_test_id("record-sheet")).to_be_visible()
    crew.page.get_by_test_id("sheet-close").click()

    review = seat("quality", "/review")
    cases = fetch(review.page, "/api/cases")()
    assert isinstance(cases, list)
    case = next(c for c in cases if case_number.endswith(c["number"][-4:]))
    timeline = fetch(review.page, f"/api/cases/{case['incident_id']}/timeline")()
    assert isinstance(timeline, dict)
    nodes = [n for n in timeline["nodes"] if n["source"] == "crew"]
    codes = [n["code"] for n in nodes]
    assert codes == ["T7", "T8", "T9", "T10", "loaded", "T12", "T14", "T15", "T16"], json.dumps(
        nodes, ensure_ascii=False
    )
    assert [n["at_ms"] for n in nodes] == sorted(n["at_ms"] for n in nodes)
    review.page.goto(f"{node.centre}/review/{case['incident_id']}")
    expect(review.page.get_by_test_id("nodes")).to_contain_text("到达现场")
    shot(review, "review")
    for used in (desk, crew, ward, review):
        assert used.errors == []


def lose_and_regain_the_ecg(node: Node, page: Page, ward: Seat) -> None:
    """What the vehicle recorded while it was alone is at the centre too, byte for byte."""
    heard = ward.page.get_by_test_id("ecg-age")
    expect(ward.page.get_by_test_id("ecg")).to_contain_text("回放")
    expect(heard).not_to_have_class("late")
    node.link.cut()
    expect(heard).to_have_class("late")
    expect(page.get_by_test_id("ecg")).to_be_visible()
    expect(page.get_by_test_id("ecg").locator(".late")).to_have_count(0)
    expect(ward.page.get_by_test_id("silence-vehicle")).to_be_visible(timeout=30_000)
    shot(ward, "hospital-ecg-silent")
    node.link.mend()
    expect(ward.page.get_by_test_id("silence-vehicle")).to_have_count(0, timeout=30_000)
    expect(heard).not_to_have_class("late", timeout=30_000)
    status = fetch(page, "/api/edge/status")()
    assert isinstance(status, dict)
    unit = status["unit_id"]
    held = packets(node.state / "edge" / unit / "ecg", unit, unsealed_of(node, unit))
    assert held
    deadline = time.monotonic() + 60
    while not held.keys() <= (there := packets(node.state / "ecg", unit)).keys():
        assert time.monotonic() < deadline, f"{len(held.keys() - there.keys())} packets are missing"
        page.wait_for_timeout(500)
    assert all(there[key] == data for key, data in held.items())


def unsealed_of(node: Node, unit: str) -> Callable[[bytes], bytes]:
    """What a vehicle's computer does with the share that the centre keeps for it."""
    vehicles = json.loads((node.state / "vehicles.json").read_text(encoding="utf-8"))
    (own_key,) = [vehicle["key"] for vehicle in vehicles if vehicle["unit_id"] == unit]
    secret = (node.state / "demo-secret").read_text(encoding="utf-8")
    share = sha256(f"{secret}/share/{unit}".encode()).digest()
    vault = Vault(node.state / "edge" / unit / "keys.json", own_key, SystemClock(), os.urandom)
    assert vault.open_by_centre(share)
    return SealedFiles(vault.key_for("files"), os.urandom).unseal


def packets(
    store: Path, unit: str, unseal: Callable[[bytes], bytes] = bytes
) -> dict[tuple[str, int], bytes]:
    """(stream, sequence) -> packet, of the segment files of a vehicle."""
    found = {}
    for path in (store / unit).glob("*/*.seg"):
        data, at = path.read_bytes(), 0
        while at + 2 <= len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "little")
            if end > len(data):
                break  # being written
            packet = unseal(data[at + 2 : end])
            found[path.parent.name, decode(packet).sequence] = packet
            at = end
    return found


def register_patient(page: Page) -> None:
    page.get_by_test_id("capture-patient").click()
    page.get_by_test_id("patient-name").fill("周建明")
    for digit in "62":
        page.get_by_test_id(f"age-{digit}").click()
    page.get_by_test_id("patient-sex-male").click()
    page.get_by_test_id("patient-save").click()
    expect(page.get_by_test_id("patient-save")).to_have_count(0)
    page.get_by_test_id("capture-observe").click()
    page.get_by_test_id("acvpu-A").click()
    page.get_by_test_id("oxygen-false").click()
    for part in ("gcs-E4", "gcs-V5", "gcs-M6", "pain-7"):
        page.get_by_test_id(part).click()
    page.get_by_test_id("observe-save").click()
    expect(page.get_by_test_id("observe-save")).to_have_count(0)


def choose_hospital(page: Page) -> str:
    page.get_by_test_id("capture-hospital").click()
    first = page.get_by_test_id("hospital-sheet").locator("[data-testid^=choose-]").first
    first.wait_for()
    first.click()
    page.get_by_test_id("prealert-sheet").wait_for()
    page.get_by_test_id("tier-alert").click()
    page.get_by_test_id("mist-M").fill("胸痛 30 分钟")
    page.get_by_test_id("prealert-send").click()
    expect(page.get_by_test_id("prealert-send")).to_have_count(0)
    text = page.get_by_test_id("hospital-card").inner_text()
    return next(line for line in text.splitlines() if "医院" in line or "保健院" in line).strip()


def sign(page: Page, name: str) -> None:
    if page.get_by_test_id("open-sign").is_visible():
        page.get_by_test_id("open-sign").click()
    page.get_by_test_id("sign-name").fill(name)
    page.get_by_test_id("sign").click()
    expect(page.get_by_test_id("sign")).to_have_count(0)
