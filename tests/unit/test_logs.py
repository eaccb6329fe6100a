import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from goldenhour.main.logs import MASK, configure_logs, mask_personal
from goldenhour.main.settings import LogFormat


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("caller 13800138000 hung up", f"caller {MASK} hung up"),
        ("to 8613800138000", f"to {MASK}"),
        ("to +8613800138000", f"to {MASK}"),
        ("id 11010519491231002X.", f"id {MASK}."),
        (13800138000, MASK),
        (["13800138000"], [MASK]),
        ({"a": {"phone": "120"}}, {"a": {"phone": MASK}}),
        (1795300977123, 1795300977123),  # an instant
        (True, True),
        ("0192f7a1-3800-7138-8000-138001380001", "0192f7a1-3800-7138-8000-138001380001"),
    ],
)
def test_what_looks_personal_is_masked(written: object, kept: object) -> None:
    assert mask_personal(None, "info", {"value": written}) == {"value": kept}


def test_personal_keys_are_masked_whatever_they_hold() -> None:
    assert mask_personal(None, "info", {"address": "滨江大道 8"}) == {"address": MASK}


def test_a_line_is_json_with_the_bound_case(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogFormat.JSON, "INFO")
    with structlog.contextvars.bound_contextvars(case_id="c1"):
        structlog.get_logger("dispatch").info("unit.assigned", unit_id="A01")
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["case_id"], line["unit_id"]) == ("unit.assigned", "c1", "A01")
    assert (line["level"], line["logger"]) == ("info", "dispatch")


def test_traces_and_libraries_are_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogFormat.JSON, "INFO")
    try:
        int("13800138000?")
    except ValueError:
        logging.getLogger("library").exception("lost %s", "13900139000")
    out = capsys.readouterr().out
    assert json.loads(out)["event"] == f"lost {MASK}"
    assert "ValueError: invalid literal" in out
    assert "13800138000" not in out


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        configure_logs(LogFormat.JSON, "LOUD")
