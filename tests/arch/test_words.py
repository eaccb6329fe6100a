"""Every code that the server can say has words in both languages of the screens."""

import ast
import inspect
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from goldenhour.adapters.jt808.adapter import TextOutcome
from goldenhour.app import portraits
from goldenhour.app.access import Role
from goldenhour.app.terminals import OrderKind
from goldenhour.domain.care import id_card, portrait_ask
from goldenhour.domain.care.portrait import AlertKind
from goldenhour.domain.care.portrait_content import Colour
from goldenhour.domain.case import streams
from goldenhour.domain.dispatch import mission, recommend
from goldenhour.domain.dispatch.events import Source
from goldenhour.domain.handover import choose, prealert
from goldenhour.domain.intake import call
from goldenhour.domain.register.city import CAPABILITIES
from goldenhour.domain.register.events import CrewFunction, DutyKind, UnitKind
from goldenhour.domain.register.roster import WarningCode
from goldenhour.domain.register.table import FaultCode, Verdict
from goldenhour.domain.register.unit import OUT_OF_SERVICE_REASONS
from goldenhour.domain.review import kpi, timeline
from goldenhour.main.demo_file import OUTSIDE, PEOPLE
from goldenhour.wire.jt808.media import MediaKind, Occasion
from goldenhour.wire.tables import TableProblem

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "goldenhour"
CONTENT = SOURCE / "content"


def catalogue(lang: str) -> dict[str, str]:
    folder = ROOT / "web" / "packages" / "i18n" / "src" / lang
    texts: dict[str, str] = {}
    for part in folder.glob("*.json"):
        texts |= json.loads(part.read_text(encoding="utf-8"))
    return texts


def content(name: str) -> dict[str, Any]:
    return tomllib.loads((CONTENT / name).read_text(encoding="utf-8"))


def texts_in(*functions: Any) -> Iterator[str]:
    """Every text of a function's code, an f-string with * for what it fills in."""
    for function in functions:
        tree = ast.parse(inspect.getsource(function))
        filled = [n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr)]
        inside = {id(part) for n in filled for part in n.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(p.value) if isinstance(p, ast.Constant) else "*" for p in node.values
                )
            elif isinstance(node, ast.Constant) and id(node) not in inside:
                yield str(node.value)


def codes_in(*functions: Any) -> set[str]:
    """Of these texts the codes, the kind of a unit filled in, without what follows a colon."""
    found: set[str] = set()
    for text in texts_in(*functions):
        names = [text.replace("*", kind, 1) for kind in UnitKind] if text[0:1] == "*" else [text]
        heads = (name.partition(":")[0] for name in names)
        found |= {head for head in heads if re.fullmatch(r"[a-z]+(_[a-z]+)*", head)}
    return found


def written_codes(call_name: str) -> set[str]:
    """`code=` or the second argument of every call of this name anywhere in the source."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith(call_name):
                continue
            named = [k.value for k in node.keywords if k.arg == "code"]
            for value in named or node.args[1:2]:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found.add(value.value)
    return found


ID_NUMBER = {code for code in codes_in(id_card.read_id_number) if code.startswith("id_")}
REFUSALS = (
    written_codes("Refused")
    | written_codes("ProblemError")
    | {"unit_claimed", "invalid", "http_500"}
    | {f"mission_{s}" for s in (*mission.ENDED, mission.State.RESERVED)}
    | {f"handover_{s}" for s in prealert.State if s is not prealert.State.SENT}
    | {f"call_is_{s}" for s in call.State}
    | {f"answer_{p}" for p in ("wrong_type", "out_of_range", "no_such_option")}
    | {str(problem) for problem in TableProblem}
)
"""Those of a vehicle's own protocol are read by programs."""
KPIS = content("kpi.toml")["kpis"]
MARKS = {mark for k in KPIS for mark in k.get("exclude", ())}
EVENTS = {kind.__struct_config__.tag for kind in get_args(streams.Event)}
RANKING = codes_in(choose._steps, choose._choose, choose._transfer_centre, choose._ranked)
CLOCKS = {f"{clock}_over" for clock in choose.Clock}
ALERTS = (
    written_codes("RaiseAlert")
    | {"ring_unanswered", "call_abandoned"}
    | {"not_acknowledged", "not_departed", "prealert_unanswered"}
    | {"reservation_due", "window_lost"}
)
DESTINATION = content("destination.toml")
PREFIXES = {
    "errors": REFUSALS,
    "portrait.reason": {*portraits.REASONS, *ID_NUMBER},
    "portrait.kind": {str(kind) for kind in AlertKind},
    "portrait.colour": {str(colour) for colour in Colour},
    "portrait.basis": set(portrait_ask.BASES),
    "reason": codes_in(
        *(recommend.gates_of, recommend._gates_now, recommend._merits),
        *(recommend._tired, recommend._short_homes, recommend._said),
    ),
    "shortfall": codes_in(recommend._shortfall) | {word for _, word in recommend._WHY_NONE},
    "care.reason": (RANKING | CLOCKS | codes_in(choose._beds) | {"extra_over", "total_over"}),
    "care.condition": {c["id"] for c in DESTINATION["conditions"]}
    | {n["id"] for n in DESTINATION["nearest_if"]}
    | {str(clock) for clock in choose.Clock},
    "capability": set(CAPABILITIES),
    "review.kpi": {k["code"] for k in KPIS},
    "review.interval": {k["code"] for k in KPIS if k.get("start") and k.get("end")},
    "review.node": set(timeline.CODES),
    "review.problem": {"data_error"},
    "source": {str(s) for s in Source} | set(timeline._SOURCES.values()),
    "task_text": {str(outcome) for outcome in TextOutcome},
    "terminal.kind": {str(kind) for kind in OrderKind},
    "terminal.media.kind": {kind.name.lower() for kind in MediaKind},
    "terminal.media.occasion": {why.name.lower() for why in Occasion},
    "double": {*OUTSIDE, *PEOPLE},
    "alert": ALERTS,
    "alert_name": ALERTS,
    "log": EVENTS,
    "stand_down": set(mission.STAND_DOWN_REASONS),
    "oos": set(OUT_OF_SERVICE_REASONS),
    "role": {str(role) for role in Role} | {"system"},
    "state": {str(state) for state in mission.State} | {"ready", "off_duty", "out_of_service"},
    "roster.duty": {str(duty) for duty in DutyKind},
    "roster.function": {str(function) for function in CrewFunction},
    "roster.warning": {str(code) for code in WarningCode},
    "table.fault": {str(code) for code in FaultCode},
    "table.verdict": {str(verdict) for verdict in Verdict},
    "milestone": {str(m) for m in mission.ORDER},
    "flag": {
        text.partition(":")[0]
        for text in texts_in(mission._reach, mission._undo, mission.evolve)
        if ":*" in text or text.startswith("milestone_")
    },
}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("prefix", sorted(PREFIXES))
def test_every_code_has_words(prefix: str, lang: str) -> None:
    words = catalogue(lang)
    assert PREFIXES[prefix], "no codes were found: this test looks in the wrong place"
    assert sorted(c for c in PREFIXES[prefix] if f"{prefix}.{c}" not in words) == []


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_what_an_indicator_leaves_out_has_words(lang: str) -> None:
    words = catalogue(lang)
    codes = MARKS | codes_in(kpi._why_excluded, kpi._call_item, kpi._case_item)
    # `{gone}_early` stands for a call given up and for a run called off.
    codes = {c for c in codes if not c.endswith("_early")} | {"abandoned_early", "stood_down_early"}
    known = {c for c in codes if f"review.excluded.{c}" in words or f"disposition.{c}" in words}
    assert sorted(codes - known) == []
