"""The run sheet says what a seat needs in the dark, and is a PDF that a stranger's reader opens."""

from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from factories.advice import fix_at
from factories.world import TestWorld
from goldenhour.adapters.paper import LATEST, Spool, to_pdf
from goldenhour.app.handle import recorded_of
from goldenhour.content.run_sheet import load_run_sheet
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.geo import Point
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.run_sheet import RunSheet, run_sheet_of

TOPICS = {"chest_pain": "胸痛"}


async def sheet_of(world: TestWorld) -> RunSheet:
    texts = {row: p.content.decode() for row, (_s, p) in world.journal.personal.items()}
    view = Folded(renderer(world.facts), Reveal(texts), drawn=False)
    for event in world.journal.feed:
        view.apply(recorded_of(event))
    fix = fix_at(Point(lat=36.123456, lon=113.1), unit_id="A-01")
    return run_sheet_of(
        view,
        {"A-01": fix},
        phones={"A-01": "13800000001"},
        topics=TOPICS,
        content=load_run_sheet(),
        now_ms=world.clock.at_ms,
    )


async def running() -> TestWorld:
    world = TestWorld()
    await world.list_unit()
    await world.list_unit("A-02")
    await world.list_hospital()
    _, incident_id = await world.open_incident()
    await world.accept(c.SetComplaint(incident_id=incident_id, topic="chest_pain"))
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED, Milestone.DEPARTED)
    return world


async def test_it_says_who_waits_who_goes_and_where_everybody_was() -> None:
    cases, units, hospitals = (await sheet_of(await running())).parts
    (case,) = cases.rows
    assert case[3:] == ("学府路 76 号", "胸痛", "13900001111", "A-01 出车")
    assert [row[0] for row in units.rows] == ["A-01", "A-02"]
    first, second = units.rows
    assert (first[2], first[4], first[6]) == ("出车", "36.12346, 113.10000", "13800000001")
    # What nobody knows stays empty; it is not a zero.
    assert second[4:7] == ("", "", "")
    assert len(hospitals.rows) == 1


async def test_a_centre_without_anything_has_an_empty_sheet() -> None:
    sheet = await sheet_of(TestWorld())
    assert [part.rows for part in sheet.parts] == [(), (), ()]
    assert all(part.heading.endswith("无 none") for part in sheet.parts)
    assert to_pdf(sheet).startswith(b"%PDF-")


async def test_a_strangers_reader_finds_every_word() -> None:
    reader = PdfReader(BytesIO(to_pdf(await sheet_of(await running()))))
    text = "".join(page.extract_text() for page in reader.pages)
    for word in ("A-01", "13900001111", "36.12346", "学府路", "胸痛", "出车"):
        assert word in text


async def test_however_long_a_text_is_there_is_a_sheet() -> None:
    world = await running()
    await world.accept(
        c.SetDiversion(hospital_id="h1", diverting=True, reason="设备检修，" * 10_000)
    )
    assert to_pdf(await sheet_of(world)).startswith(b"%PDF-")


def test_the_newest_is_whole_and_old_ones_go(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "sheets", kept=3)
    for minute in range(5):
        made = spool.put(f"sheet {minute}".encode(), 1_795_300_000_000 + minute * 60_000)
    assert made.read_bytes() == b"sheet 4"
    assert (tmp_path / "sheets" / LATEST).read_bytes() == b"sheet 4"
    names = sorted(path.name for path in (tmp_path / "sheets").iterdir())
    assert len(names) == 4  # three of the newest, and the one that is always there
    assert oct((tmp_path / "sheets").stat().st_mode)[-3:] == "700"
