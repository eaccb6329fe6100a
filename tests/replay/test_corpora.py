"""Old events live for ever: each release's recorded case folds to the states recorded with it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from goldenhour.app.handle import fold
from goldenhour.app.journal import Envelope
from goldenhour.domain.case import decode_event
from goldenhour.domain.case.streams import Unknown
from goldenhour.kernel import chain

CORPORA = sorted(Path(__file__).parent.glob("corpus_*.json"))


class Corpus(msgspec.Struct):
    events: list[Envelope]
    states: dict[str, Any]


def read(path: Path) -> Corpus:
    return msgspec.json.decode(path.read_bytes(), type=Corpus)


def test_there_is_a_corpus() -> None:
    assert CORPORA


def lost(now: Any, then: Any, where: str = "") -> list[str]:
    """Where a state says otherwise than it did; what a later release knows besides is no loss."""
    if isinstance(then, dict) and isinstance(now, dict):
        gone = [f"{where}.{key}" for key in then if key not in now]
        return gone + [
            path
            for key in then.keys() & now
            for path in lost(now[key], then[key], f"{where}.{key}")
        ]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(now, then, strict=True))
        return [path for at, (new, old) in pairs for path in lost(new, old, f"{where}.{at}")]
    return [] if now == then else [where]


def test_a_changed_and_a_missing_value_are_lost_and_a_new_one_is_not() -> None:
    then = {"a": 1, "b": {"c": [1, 2]}, "d": None}
    assert lost({"a": 1, "b": {"c": [1, 2], "new": 3}, "d": None, "new": 4}, then) == []
    assert set(lost({"a": 2, "b": {"c": [1]}}, then)) == {".d", ".a", ".b.c"}
    assert lost([{"a": 1, "new": None}], [{"a": 1}]) == []
    assert lost([{"a": 2}], [{"a": 1}]) == [".0.a"]


@pytest.mark.parametrize("path", CORPORA, ids=lambda p: p.stem)
def test_a_recorded_case_folds_to_its_recorded_states(path: Path) -> None:
    corpus = read(path)
    streams: dict[str, list[Envelope]] = {}
    for event in corpus.events:
        streams.setdefault(event.stream, []).append(event)
    folded = {stream: fold(stream, events) for stream, events in streams.items()}
    assert lost(msgspec.json.decode(msgspec.json.encode(folded)), corpus.states) == []


@pytest.mark.parametrize("path", CORPORA, ids=lambda p: p.stem)
def test_every_recorded_event_is_still_known(path: Path) -> None:
    for event in read(path).events:
        assert not isinstance(decode_event(event.body), Unknown), event.kind


@pytest.mark.parametrize("path", CORPORA, ids=lambda p: p.stem)
def test_the_recorded_chain_still_holds(path: Path) -> None:
    heads: dict[str, bytes] = {}
    for e in read(path).events:
        previous = heads.get(e.stream, chain.GENESIS)
        assert e.previous_hash == previous
        heads[e.stream] = chain.link(
            previous,
            stream=e.stream,
            version=e.version,
            body=e.body,
            actor=e.actor,
            seat=e.seat,
            role=e.role,
            org=e.org,
            installation=e.installation,
            sequence=e.sequence,
            part=e.part,
            occurred_ms=e.occurred_ms,
            received_ms=e.received_ms,
            origin=e.origin,
        )
        assert heads[e.stream] == e.hash
