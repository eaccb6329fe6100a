"""The verifier alone, on exports built here by hand, byte for byte as the format says."""

import ast
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from goldenhour.kernel import chain
from goldenhour.main import verify
from goldenhour.main.verify import Check, Outside, lp

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
CALL, UNIT = "call:c1", "unit:A-01"
SALT, NAME = b"s" * 16, "周建明".encode()
STATED = hashlib.sha256(SALT + NAME).hexdigest()
RANG = {"kind": "call.rang.v1", "number": {"as": "sealed", "row": "row-1", "commitment": STATED}}
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")


def record(kind: str, *parts: bytes | str | int) -> bytes:
    payload = lp(*(p if isinstance(p, bytes) else str(p).encode() for p in parts))
    return kind.encode() + len(payload).to_bytes(8, "big") + payload


def event(
    previous: bytes, stream: str, version: int, body: Mapping[str, object]
) -> tuple[bytes, bytes]:
    """(hash, record), hashed by the product's own rule."""
    raw = json.dumps(body).encode()
    digest = chain.link(
        previous,
        stream=stream,
        version=version,
        body=raw,
        actor="p1",
        seat="03",
        role="dispatcher",
        org="centre",
        installation="i1",
        sequence=version,
        part=0,
        occurred_ms=5,
        received_ms=6,
        origin=b"",
    )
    fixed = ("p1", "03", "dispatcher", "centre", "i1", version, 0, 5, 6, b"")
    parts = (chain.ALGORITHM, previous, stream, version, raw, *fixed, digest, str(body["kind"]))
    return digest, record("E", *parts)


def chained(stream: str, *bodies: Mapping[str, object]) -> tuple[list[bytes], list[bytes]]:
    hashes, records, previous = [], [], chain.GENESIS
    for version, body in enumerate(bodies, 1):
        previous, made = event(previous, stream, version, body)
        hashes.append(previous)
        records.append(made)
    return hashes, records


CALL_HASHES, CALL_EVENTS = chained(
    CALL, RANG, {"kind": "call.answered.v1"}, {"kind": "call.ended.v1"}
)
UNIT_HASHES, UNIT_EVENTS = chained(UNIT, {"kind": "unit.listed.v1"})
ROW = record("P", "row-1", CALL, SALT, NAME, 6, "")


def root(
    ident: int, previous: bytes, heads: list[tuple[str, int, bytes]]
) -> tuple[bytes, list[bytes], list[str]]:
    """(hash, records, lines kept outside) of a root over one or two heads."""
    nodes = [
        hashlib.sha256(b"\0" + lp(s.encode(), str(v).encode(), h)).digest() for s, v, h in heads
    ]
    paths = [b""] if len(nodes) == 1 else [b"R" + nodes[1], b"L" + nodes[0]]
    top = nodes[0] if len(nodes) == 1 else hashlib.sha256(b"\1" + nodes[0] + nodes[1]).digest()
    parts = (b"merkle-sha256-1", previous, ident, 60_000 * ident, 9, len(heads), top)
    digest = hashlib.sha256(
        lp(*(p if isinstance(p, bytes) else str(p).encode() for p in parts))
    ).digest()
    signature = KEY.sign(digest)
    leaves = [record("L", ident, *head, path) for head, path in zip(heads, paths, strict=True)]
    lines = [f"goldenhour-root-1 {ident} 60000 {digest.hex()} {PUBLIC.hex()} {signature.hex()}"]
    lines += [f"leaf {s} {v} {h.hex()}" for s, v, h in heads]
    return digest, [record("R", *parts, digest, signature), *leaves], lines


FIRST, FIRST_RECORDS, FIRST_LINES = root(
    1, chain.GENESIS, [(CALL, 2, CALL_HASHES[1]), (UNIT, 1, UNIT_HASHES[0])]
)
_, SECOND_RECORDS, SECOND_LINES = root(2, FIRST, [(CALL, 3, CALL_HASHES[2])])
ROOTS = [*FIRST_RECORDS, *SECOND_RECORDS]
EVENTS = [*CALL_EVENTS, *UNIT_EVENTS]


def export(
    *, roots: list[bytes] = ROOTS, events: list[bytes] = EVENTS, rows: list[bytes] | None = None
) -> bytes:
    rows = [ROW] if rows is None else rows
    count = sum(item.startswith(b"R") for item in roots)
    head = record("H", "goldenhour-evidence-1", "all", 7, PUBLIC)
    return b"".join([head, *roots, *events, *rows, record("Z", len(events), len(rows), count)])


@pytest.fixture
def kept(tmp_path: Path) -> Outside:
    (tmp_path / "root-1.txt").write_text("\n".join(FIRST_LINES))
    (tmp_path / "root-2.txt").write_text("\n".join(SECOND_LINES))
    return verify.read_roots([str(tmp_path)])


def places(data: bytes, outside: Outside | None = None) -> set[tuple[str, str, int, int]]:
    findings = Check(data, outside or Outside()).findings
    return {(f.part, f.stream, f.first, f.last) for f in findings}


def test_the_verifier_stands_alone() -> None:
    source = Path(verify.__file__)
    lines = source.read_text().splitlines()
    assert len(lines) < 300
    for node in ast.walk(ast.parse("\n".join(lines))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_events_hashed_by_the_product_and_left_alone_give_no_finding(kept: Outside) -> None:
    check = Check(export(), kept)
    assert check.findings == []
    assert check.uncovered == 0
    assert check.counts[b"E"] == 4


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([CALL_EVENTS[0], CALL_EVENTS[2], *UNIT_EVENTS], ("event", CALL, 2, 2)),
        ([*CALL_EVENTS[:2], *UNIT_EVENTS], ("event", CALL, 3, 3)),
        ([CALL_EVENTS[1], CALL_EVENTS[0], CALL_EVENTS[2], *UNIT_EVENTS], ("event", CALL, 1, 1)),
        ([*CALL_EVENTS, CALL_EVENTS[2], *UNIT_EVENTS], ("event", CALL, 3, 3)),
        (CALL_EVENTS, ("event", UNIT, 1, 1)),
    ],
    ids=["deleted", "cut off", "reordered", "doubled", "stream removed"],
)
def test_what_is_missing_or_moved_is_found_by_the_products_own_roots(
    events: list[bytes], found: tuple[str, str, int, int]
) -> None:
    assert found in places(export(events=events))


def test_a_changed_event_is_named() -> None:
    changed = CALL_EVENTS[1].replace(b"dispatcher", b"Dispatcher")
    data = export(events=[CALL_EVENTS[0], changed, CALL_EVENTS[2], *UNIT_EVENTS])
    assert places(data) == {("event", CALL, 2, 2)}


def test_a_kind_that_the_body_does_not_state_is_found() -> None:
    forged = UNIT_EVENTS[0][: -len(b"unit.listed.v1")] + b"unit.erased.v1"
    assert places(export(events=[*CALL_EVENTS, forged])) == {("event", UNIT, 1, 1)}


def rebuilt() -> bytes:
    """Version 2 rewritten, and everything after it made anew with the product's own key."""
    hashes, events = chained(CALL, RANG, {"kind": "call.abandoned.v1"}, {"kind": "call.ended.v1"})
    first, first_records, _ = root(
        1, chain.GENESIS, [(CALL, 2, hashes[1]), (UNIT, 1, UNIT_HASHES[0])]
    )
    _, second_records, _ = root(2, first, [(CALL, 3, hashes[2])])
    return export(roots=[*first_records, *second_records], events=[*events, *UNIT_EVENTS])


def test_a_rebuilt_journal_agrees_with_itself_but_not_with_the_roots_outside(kept: Outside) -> None:
    assert places(rebuilt()) == set()
    found = places(rebuilt(), kept)
    assert ("event", CALL, 1, 2) in found
    assert ("root", "", 0, 0) in found
    assert not any(stream == UNIT for _, stream, _, _ in found)


def test_a_rebuilt_journal_is_found_by_one_printed_line(tmp_path: Path) -> None:
    (tmp_path / "line.txt").write_text(SECOND_LINES[0])
    assert places(rebuilt(), verify.read_roots([str(tmp_path / "line.txt")])) == {
        ("root", "", 0, 0)
    }


def test_roots_that_are_removed_are_missed(kept: Outside) -> None:
    assert ("root", "", 0, 0) in places(export(roots=FIRST_RECORDS), kept)
    assert ("root", "", 0, 0) in places(export(roots=SECOND_RECORDS))


@needs_openssl
def test_a_root_that_the_key_did_not_sign_is_found() -> None:
    forged = SECOND_RECORDS[0][:-1] + bytes([SECOND_RECORDS[0][-1] ^ 1])
    roots = [*FIRST_RECORDS, forged, *SECOND_RECORDS[1:]]
    assert places(export(roots=roots)) == {("root", "", 0, 0)}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [record("P", "row-1", CALL, SALT, b"somebody else", 6, "")],
        [record("P", "row-1", CALL, b"", b"", 6, "")],
    ],
    ids=["removed", "edited", "emptied without a time of erasure"],
)
def test_a_personal_row_that_is_not_what_was_sealed(rows: list[bytes]) -> None:
    assert places(export(rows=rows)) == {("personal", CALL, 1, 1)}


def test_a_personal_row_of_no_event_is_found() -> None:
    added = record("P", "row-2", CALL, SALT, NAME, 6, "")
    assert places(export(rows=[ROW, added])) == {("personal", CALL, 0, 0)}


def test_an_erased_row_is_shown_and_is_no_finding() -> None:
    check = Check(export(rows=[record("P", "row-1", CALL, b"", b"", 6, 99)]), Outside())
    assert check.findings == []
    assert check.erased == [("row-1", CALL, 1)]


BEGIN = export().index(CALL_EVENTS[0])
END = BEGIN + len(b"".join(EVENTS))


@given(at=st.integers(BEGIN, END - 1), flip=st.integers(1, 255))
def test_any_changed_byte_among_the_events_is_found(at: int, flip: int) -> None:
    data = bytearray(export())
    data[at] ^= flip
    assert Check(bytes(data), Outside()).findings


@given(data=st.binary(max_size=400), cut=st.integers(0, END))
def test_no_bytes_crash_it(data: bytes, cut: int) -> None:
    for hostile in (data, export()[:cut] + data):
        try:
            found = Check(hostile, Outside()).findings
        except verify.BrokenError:
            continue
        assert found or hostile == export()


def run_alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As on a machine without the product: a copy, isolated from every installed package."""
    copy = shutil.copy(verify.__file__, folder / "verify.py")
    command = [sys.executable, "-I", "-S", str(copy), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (export(), 0, "nothing was altered"),
        (export(events=CALL_EVENTS), 1, f"{UNIT}  1-1  the stream is missing"),
        (b"something else", 2, "no evidence export"),
        (b"", 2, "cannot check"),
    ],
    ids=["whole", "altered", "no export", "empty"],
)
def test_on_a_machine_without_the_product(
    tmp_path: Path, content: bytes, code: int, says: str
) -> None:
    (tmp_path / "case.gh").write_bytes(content)
    (tmp_path / "roots.txt").write_text("\n".join([*FIRST_LINES, *SECOND_LINES]))
    done = run_alone(tmp_path, "case.gh", "--roots", "roots.txt")
    assert done.returncode == code
    assert says in done.stdout + done.stderr


def test_roots_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "case.gh").write_bytes(export())
    (tmp_path / "roots.txt").write_text("hello")
    done = run_alone(tmp_path, "case.gh", "--roots", "roots.txt")
    assert done.returncode == 2
    assert "roots.txt" in done.stderr
