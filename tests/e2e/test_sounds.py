"""What calls a person is heard and not only seen: at the pitch of its kind, in real Chromium."""

from acts import close_case, end_run, new_id, open_case, send_named, telephone
from ear import forget, hears, listen, touch
from playwright.sync_api import expect
from test_one_case import choose_hospital, press_next, register_patient

from conftest import LIVE_MS, Node, Seat, SeatMaker

RING = (440, 480)
ALARM = (880, 660)
TASK = (988, 1318)
PREALERT = (740, 988)


def with_ears(seat: Seat) -> Seat:
    """A person who has sat down and touched the screen, and who hears."""
    listen(seat.context)
    seat.page.reload()
    expect(seat.page.locator("header").first).to_be_visible()
    touch(seat.page)
    return seat


def test_a_case_is_heard_at_each_seat(node: Node, seat: SeatMaker) -> None:
    wards = {
        username: with_ears(seat(username, "/hospital"))
        for username in ("hospital1", "hospital2", "hospital3")
    }
    desk = with_ears(seat("dispatcher", "/dispatcher"))

    # A caller rings until somebody answers.
    call_id = new_id()
    with telephone(node) as say:
        number = {"as": "clear", "text": "10055503333"}
        say({"kind": "call.ring", "call_id": call_id, "number": number, "line": "trunk"})
        hears(desk.page, RING, LIVE_MS)
    cell = desk.page.get_by_test_id(f"call-{call_id}")
    cell.get_by_role("button", name="接听").click()
    cell.get_by_role("button", name="结束").click()
    desk.page.get_by_test_id("end-test").click()
    expect(cell).to_have_count(0)

    # A unit is sent: its crew hears the task.
    case = open_case(desk.page, "学府路 6")
    rows = desk.page.locator("[data-testid^=candidate-1] .call")
    first = rows.first.inner_text().split()[0]
    crew = with_ears(seat(f"crew-{first.lower()}", "/crew", width=1280, height=800, vehicle=True))
    send_named(desk.page, first)
    hears(crew.page, TASK, LIVE_MS)
    crew.page.get_by_test_id("accept").click()
    for milestone in ("departed", "on_scene", "at_patient"):
        press_next(crew.page, milestone)
    register_patient(crew.page)

    # A hospital is announced a patient: it hears that, and no other one does.
    for ward in wards.values():
        forget(ward.page)
    chosen = choose_hospital(crew.page)
    (alerted,) = [
        ward for name, ward in wards.items() if node.accounts[name]["name"].startswith(chosen)
    ]
    hears(alerted.page, PREALERT, LIVE_MS)
    for ward in wards.values():
        if ward is not alerted:
            assert not ward.page.evaluate("() => heard.size")

    # A crew in danger: an alarm of the first priority at the desk.
    forget(desk.page)
    crew.page.get_by_test_id("menu").click()
    crew.page.get_by_test_id("sos").hover()
    crew.page.mouse.down()
    expect(crew.page.get_by_test_id("sos-bar")).to_be_visible()
    crew.page.mouse.up()
    hears(desk.page, ALARM, LIVE_MS)
    crew.page.get_by_test_id("sos-reason").fill("人已离开")
    crew.page.get_by_test_id("sos-end").click()
    expect(crew.page.get_by_test_id("sos-bar")).to_have_count(0)

    end_run(desk.page, first, "refused")
    close_case(desk.page, case)
    for used in (desk, crew, *wards.values()):
        assert used.errors == []
