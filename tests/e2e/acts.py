"""What people do at their screens, in the words of a test: clicks and keys, nothing else."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from conftest import Node, Seat, SeatMaker
from factories.under_way import PATIENT, Run, at_the_patient
from goldenhour.kernel.ids import uuid7
from goldenhour.main.clock import SystemClock, entropy
from goldenhour.main.demo_names import DEMO_PASSWORD

_SAID = {
    "with_patient": "answer-yes",
    "conscious": "answer-yes",
    "breathing_normal": "answer-yes",
    "massive_bleed": "answer-no",
}


def new_id() -> str:
    return uuid7(SystemClock().now_ms(), entropy)


# ---- the dispatcher


def open_case(page: Page, address: str) -> str:
    """A typed call, an address and answers until a unit may be sent; the case's number."""
    page.get_by_test_id("new-call").click()
    page.get_by_test_id("new-call-number").fill("13900005678")
    page.get_by_test_id("new-call-go").click()
    expect(page.get_by_test_id("new-call-dialog")).to_have_count(0)
    page.get_by_test_id("address-input").click()
    page.get_by_test_id("address-input").fill(address)
    page.get_by_test_id("address-0").click()
    expect(page.get_by_test_id("location")).to_be_visible()
    return until_dispatchable(page)


def until_dispatchable(page: Page) -> str:
    page.get_by_test_id("topic-chest_pain").click()
    # What is asked first changes with the complaint.
    expect(page.get_by_test_id("protocol").locator("h2")).to_contain_text("胸痛")
    for _turn in range(12):
        if page.get_by_test_id("dispatch").is_visible():
            break
        answer_next(page)
    expect(page.get_by_test_id("dispatch")).to_be_enabled()
    return page.get_by_test_id("case-number").inner_text()


def short(number: str) -> str:
    return number.rpartition("-")[2]


def open_existing(page: Page, number: str) -> None:
    """A case from whichever board it stands on."""
    rows = page.locator(
        f"[data-testid=pending-{short(number)}], [data-testid=finished-{short(number)}]"
    )
    rows.first.click()
    expect(page.get_by_test_id("case-number")).to_have_text(number)


def call_signs(page: Page) -> set[str]:
    rows = page.locator("[data-testid^=active-]")
    return {
        str(rows.nth(i).get_attribute("data-testid")).removeprefix("active-")
        for i in range(rows.count())
    }


def press_dispatch(button: Locator, then: Locator) -> None:
    """A press that sends a unit; `then` is seen once it was ordered.

    A unit that drives home falls behind another one: the desk says so, once, and the second press
    counts.
    """
    changed = button.page.get_by_test_id("choice-warning")
    button.click()
    expect(then.or_(changed).first).to_be_visible()
    if changed.is_visible():
        button.click()
        expect(then).to_be_visible()


def answer_next(page: Page) -> None:
    question = page.locator("[data-testid^=question-]").first
    question.wait_for()
    asked = str(question.get_attribute("data-testid")).removeprefix("question-")
    if asked in ("count", "age_y"):
        page.get_by_test_id("answer-input").fill("62" if asked == "age_y" else "1")
        page.get_by_test_id("answer-go").click()
    elif asked == "sex":
        page.get_by_test_id("answer-male").click()
    else:
        page.get_by_test_id(_SAID.get(asked, "answer-unknown")).click()
    expect(page.get_by_test_id(f"question-{asked}")).to_have_count(0)


def send_unit(page: Page) -> str:
    """The unit that is proposed first goes; its call sign."""
    before = call_signs(page)
    press_dispatch(
        page.get_by_test_id("dispatch"), page.locator("[data-testid^=active-]").nth(len(before))
    )
    expect(page.get_by_test_id("dispatch")).to_have_count(0)
    (call_sign,) = call_signs(page) - before
    return call_sign


def send_named(page: Page, call_sign: str) -> None:
    """The unit of this call sign goes, whatever its rank is by now."""
    press_dispatch(
        page.locator("[data-testid^=send-]").filter(has_text=call_sign),
        page.get_by_test_id(f"active-{call_sign}"),
    )


def end_run(page: Page, call_sign: str, reason: str = "cancelled") -> None:
    page.get_by_test_id(f"active-{call_sign}").click()
    page.get_by_test_id("stand-down").click()
    page.get_by_test_id(f"stand-down-dialog-{reason}").click()
    expect(page.get_by_test_id(f"active-{call_sign}")).to_have_count(0)


def close_case(page: Page, number: str) -> None:
    if page.get_by_test_id("case-number").inner_text() != number:
        open_existing(page, number)
    if page.get_by_test_id("end-call").is_visible():
        page.get_by_test_id("end-call").click()
        page.get_by_test_id("end-incident").click()
        expect(page.get_by_test_id("end-call-dialog")).to_have_count(0)
    page.get_by_test_id("close-incident").click()
    page.get_by_test_id("reason-1").click()
    expect(page.get_by_test_id("reopen-incident")).to_be_visible()


def refusal(page: Page, code: str) -> str:
    """The plain words of a refusal, which this code stands for."""
    said = page.locator(f"[data-testid=refusal][data-code={code}]").first
    expect(said).to_be_visible()
    text = said.inner_text()
    assert code not in text, "a code instead of words"
    return text


# ---- the review


def timeline(page: Page, node: Node, number: str) -> str:
    """The case file as the quality officer reads it."""
    page.goto(f"{node.centre}/review")
    page.get_by_text(number, exact=False).first.click()
    # Until the chosen case is there another one may stand.
    expect(page.get_by_test_id("events")).to_contain_text(number)
    return page.locator("body").inner_text()


# ---- what is not a screen


def board_with_a_patient(
    node: Node, seat: SeatMaker, *, registered: bool = True
) -> tuple[Seat, Run]:
    """The tablet of a crew at its patient: without the clicks before."""
    work = at_the_patient(
        node.centre, node.vehicle, node.state / "tls" / "ca.crt", registered=registered
    )
    with ThreadPoolExecutor(1) as other:  # the browser's own loop runs in this thread
        run = other.submit(asyncio.run, work).result()
    user = f"crew-{run.call_sign.lower()}"
    crew = seat(user, "/crew", width=1280, height=800, vehicle=True)
    if registered:
        expect(crew.page.get_by_test_id("patient-line")).to_contain_text(PATIENT)
    return crew, run


LAGGING = """
const Real = WebSocket
window.WebSocket = class extends Real {
  constructor(...given) {
    super(...given)
    this.addEventListener('message', (event) => {
      if (window.lineStandsStill) event.stopImmediatePropagation()
    })
  }
}
"""


@contextmanager
def slow_line(page: Page) -> Iterator[Callable[[], None]]:
    """A page whose live channel can stand still, as on a line that lags: call what is given."""
    page.add_init_script(LAGGING)
    page.reload()
    yield lambda: page.evaluate("() => { window.lineStandsStill = true }")
    if not page.is_closed():
        page.reload()


@contextmanager
def telephone(node: Node) -> Iterator[Callable[[dict[str, Any]], None]]:
    """The telephone network: it offers calls and takes them back, through its own door."""
    context = ssl.create_default_context(cafile=str(node.state / "tls" / "ca.crt"))
    with httpx.Client(base_url=node.centre, verify=context, trust_env=False) as client:
        body = {"username": "caller", "password": DEMO_PASSWORD, "totp": ""}
        client.post("/api/session", json=body).raise_for_status()
        installation, numbers = new_id(), count(1)

        def say(command: dict[str, Any]) -> None:
            deed = {"installation": installation, "sequence": next(numbers), "command": command}
            client.post("/api/commands", json=deed).raise_for_status()

        yield say
