"""What must be declared is declared: who may send, who may ask, and a text for every code."""

import ast
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import get, websocket

import goldenhour
from factories.recorded import EVENTS
from goldenhour.adapters.web.identity import UndeclaredRouteError, require_declared
from goldenhour.app.access import COMMANDS, TOPICS, Role
from goldenhour.domain import commands
from goldenhour.domain.case.streams import KINDS, event_kind
from goldenhour.domain.dispatch.mission import ENDED
from goldenhour.domain.handover.prealert import TRANSITIONS as HANDOVER
from goldenhour.domain.handover.prealert import State as PreAlertState
from goldenhour.domain.intake.call import State as CallState
from goldenhour.domain.intake.events import OfferOutcome
from goldenhour.domain.triage.protocol import AnswerProblem

PACKAGE = Path(goldenhour.__path__[0])
CATALOGUES = Path(__file__).parents[2] / "web" / "packages" / "i18n" / "src"
PURE = ("kernel", "domain", "wire", "views")
IMPURE = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "urandom", "uuid4", "open"}


def test_every_command_says_who_may_send_it_and_no_line_is_stale() -> None:
    assert set(COMMANDS) == set(commands.Command.__args__)


def test_every_role_says_what_it_reads_and_every_topic_exists() -> None:
    assert set(TOPICS) == set(Role)
    assert {topic for topics in TOPICS.values() for topic in topics} <= set(KINDS)


def test_a_route_that_declares_no_access_does_not_start() -> None:
    @get("/api/planted")
    async def planted() -> None: ...

    @websocket("/api/planted-too")
    async def planted_too(socket: Any) -> None: ...

    for handler in (planted, planted_too):
        with pytest.raises(UndeclaredRouteError, match="planted"):
            require_declared([handler])
    require_declared([get("/api/declared", opt={"access": "public"})(planted.fn)])


# ---- purity: import-linter watches imports, this watches calls


def impure_calls(source: str) -> list[str]:
    """Calls that read a clock, draw a number or open a file; and every `await`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Await | ast.AsyncFunctionDef):
            found.append("await")
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in IMPURE:
                found.append(name)
    return found


def test_the_core_calls_nothing_impure() -> None:
    guilty = {
        str(path): calls
        for layer in PURE
        for path in (PACKAGE / layer).rglob("*.py")
        if (calls := impure_calls(path.read_text(encoding="utf-8")))
    }
    assert not guilty


@pytest.mark.parametrize(
    "line", ["datetime.now()", "time.time_ns()", "os.urandom(4)", "open('x')", "uuid4()"]
)
def test_an_impure_call_is_seen(line: str) -> None:
    assert impure_calls(f"def decide():\n    return {line}\n")


# ---- texts


def catalogue(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted((CATALOGUES / language).glob("*.json")):
        texts |= json.loads(path.read_text(encoding="utf-8"))
    return texts


def calls_of(*names: str) -> Iterator[ast.Call]:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in names:
                    yield node


def literals(node: ast.expr | None) -> set[str]:
    """The words of a literal, also of `"a" if x else "b"`; empty for what is computed."""
    match node:
        case ast.Constant(value=str(word)):
            return {word}
        case ast.IfExp(body=body, orelse=other):
            return literals(body) | literals(other)
        case _:
            return set()


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


UNSEEN = {"range_not_satisfiable"}
"""Only the map's own reader of tiles ever sees it."""


def refusal_codes() -> set[str]:
    """Every code that a person can be answered with."""
    found: set[str] = set()
    for call in calls_of("Refused"):
        found |= literals(keyword(call, "code"))
    for call in calls_of("ProblemError"):
        found |= literals(call.args[1] if len(call.args) > 1 else None)
    # Those that are made of states; the unit tests provoke each of them.
    found |= {f"call_is_{state}" for state in CallState}
    found |= {f"mission_{state}" for state in ENDED}
    found |= {f"handover_{state}" for state, after in HANDOVER.items() if not after}
    found |= {f"answer_{problem}" for problem in AnswerProblem}
    return (found | {"unit_claimed"}) - UNSEEN


def alert_codes() -> set[str]:
    """Every alert that the policies and the watch raise."""
    found: set[str] = set()
    for call in calls_of("RaiseAlert", "AlertRaised"):
        found |= literals(keyword(call, "code"))
    for path in (PACKAGE / "domain" / "case").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # An alert's id is `code.subject`, and the code is read from it.
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                word = str(node.values[0].value)
                if word.endswith("."):
                    found.add(word.removesuffix("."))
    return found


def end_reasons() -> set[str]:
    """Why an alert that the policies or a seat resolved is over."""
    found = {str(outcome) for outcome in (*OfferOutcome, *PreAlertState)}
    for call in calls_of("_resolve"):
        found |= literals(call.args[1])
    for call in calls_of("ResolveAlert"):
        found |= literals(keyword(call, "reason"))
    return found - {PreAlertState.SENT}


def test_the_scan_finds_the_codes() -> None:
    assert {"taken", "united", "answered"} <= end_reasons()
    assert {"exists", "patient_on_board", "bad_credentials", "totp_wrong"} <= refusal_codes()
    assert {"not_acknowledged", "prealert_declined", "ring_unanswered"} <= alert_codes()


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_whatever_a_crew_sends_has_words_while_it_waits(lang: str) -> None:
    known = json.loads((CATALOGUES / lang / "unsent.json").read_text(encoding="utf-8"))
    # A call is wanted now: it does not wait (`web/packages/live/src/send.ts`).
    sent = {kind for kind, roles in COMMANDS.items() if Role.CREW in roles} - {commands.AskCallback}
    lacking = {f"unsent.{kind.__struct_config__.tag}" for kind in sent} - known.keys()
    assert lacking == set()


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_no_text_stands_in_two_files(lang: str) -> None:
    """The one that is read last would win, unseen."""
    files = (CATALOGUES / lang).glob("*.json")
    keys = Counter(key for file in files for key in json.loads(file.read_text(encoding="utf-8")))
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_code_and_every_event_has_a_text(language: str) -> None:
    texts = catalogue(language)
    wanted = {f"errors.{code}" for code in refusal_codes()}
    wanted |= {f"alert.{code}" for code in alert_codes()}
    wanted |= {f"resolved.{reason}" for reason in end_reasons()}
    wanted |= {f"log.{event_kind(event)}" for event in EVENTS}
    missing = sorted(key for key in wanted if not texts.get(key))
    assert not missing
