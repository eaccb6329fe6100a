"""Photos, a spoken note and a film: captured without a link, seen by the hospital afterwards."""

from io import BytesIO

from acts import board_with_a_patient
from PIL import Image
from playwright.sync_api import Page, expect

from conftest import Node, SeatMaker

MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(200_000)


def jpeg(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "brown").save(out, "JPEG")
    return out.getvalue()


def pick(page: Page, testid: str, name: str, media: str, data: bytes) -> None:
    page.get_by_test_id(testid).set_input_files(
        {"name": name, "mimeType": media, "buffer": data}  # type: ignore[arg-type] # a FilePayload
    )


def status_of(page: Page, testid: str) -> object:
    """What the server answers to the player's question for the beginning."""
    return page.evaluate(
        "id => fetch(document.querySelector(`[data-testid=${id}]`).src,"
        " {headers: {range: 'bytes=0-9'}}).then(r => r.status)",
        testid,
    )


def test_what_a_crew_captures_without_a_link_reaches_the_hospital(
    node: Node, seat: SeatMaker
) -> None:
    crew, _run = board_with_a_patient(node, seat)
    page = crew.page

    node.link.cut()
    page.get_by_test_id("capture-files").click()
    expect(page.get_by_test_id("files-none")).to_be_visible()
    page.get_by_test_id("file-caption").fill("右前额伤口")
    pick(page, "photo-input", "wound.jpg", "image/jpeg", jpeg(3000, 1500))
    expect(page.get_by_test_id("file-photo")).to_contain_text("右前额伤口")
    expect(page.get_by_test_id("file-kept")).to_be_visible()
    # Not `wait_for_function`: it asks again by eval, which the page's policy forbids.
    picture = page.get_by_test_id("photo").locator("img")
    expect(picture).to_have_js_property("naturalWidth", 2048)
    pick(page, "photo-input", "text.jpg", "image/jpeg", b"no picture")
    expect(page.locator("[data-testid=refusal][data-code=file_not_of_kind]")).to_be_visible()
    page.get_by_test_id("memo-start").click()
    expect(page.get_by_test_id("memo-recording")).to_contain_text("2 /")
    page.get_by_test_id("memo-stop").click()
    page.get_by_test_id("memo-keep").click()
    expect(page.get_by_test_id("file-voice")).to_be_visible()
    expect(page.get_by_test_id("memo-start")).to_be_visible()
    pick(page, "film-input", "camera.mp4", "video/mp4", MP4)
    expect(page.get_by_test_id("file-body_camera")).to_be_visible()
    page.get_by_test_id("sheet-close").click()
    node.link.mend()

    page.get_by_test_id("capture-hospital").click()
    page.get_by_test_id("hospital-sheet").locator("[data-testid^=choose-]").first.click()
    page.get_by_test_id("tier-alert").click()
    page.get_by_test_id("prealert-send").click()
    expect(page.get_by_test_id("prealert-send")).to_have_count(0)
    card = page.get_by_test_id("hospital-card").inner_text()
    name = next(line for line in card.splitlines() if "医院" in line or "保健院" in line).strip()
    account = next(a for a in node.accounts.values() if a["name"].startswith(name))
    ward = seat(account["username"], "/hospital")
    ward.page.get_by_test_id("files-open").click()
    for kind in ("photo", "voice", "body_camera"):
        expect(ward.page.get_by_test_id(f"file-{kind}")).to_have_attribute("data-standing", "here")
    assert status_of(ward.page, "memo") == 206
    assert status_of(ward.page, "film") == 206
    ward.page.get_by_test_id("photo").click()
    ward.page.get_by_test_id("photo-rotate").click()
    turned = ward.page.get_by_test_id("photo-large").locator("img")
    expect(turned).to_have_attribute("style", "transform: rotate(90deg);")
    assert crew.errors == []
    assert ward.errors == []
