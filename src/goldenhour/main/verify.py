"""Check an evidence export against the roots that left the host. Standard library only.

    python verify.py EXPORT --roots FILE_OR_FOLDER ...

Rule 1: this file imports nothing of the product: copy it anywhere and read it to the end.
Rule 2: nothing is believed because the export says so. Hashes are computed from the bytes; what
        the owner of the host could rebuild is compared with the roots kept outside.
Rule 3: every finding names the stream and the versions; checking goes on after a finding.
Exit codes: 0 nothing found, 1 something was altered, 2 cannot check.
"""

import argparse
import hashlib
import json
import mmap
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

FORMAT, EVENT, ROOT = b"goldenhour-evidence-1", b"sha256-lp-1", b"merkle-sha256-1"
GENESIS, SIZE = bytes(32), 8
# Kinds of record and their number of fields (docs/interfaces/evidence-export.md).
HEADER, SHAPES = 3, {b"H": 0, b"R": 9, b"L": 5, b"E": 17, b"P": 6, b"Z": 3}


class BrokenError(Exception):
    """The bytes are no export, or no longer divide into records."""


class Finding(NamedTuple):
    part: str  # event, personal, root or export
    stream: str
    first: int  # versions, 0 where there is none
    last: int
    what: str


@dataclass
class Outside:  # kept out of reach of the owner of the host
    roots: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)  # number: hash, key
    leaves: list[tuple[bytes, int, bytes, int]] = field(default_factory=list)  # as in the file


def lp(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(SIZE, "big") + part for part in parts)


def fields_of(payload: bytes, at: int = 0) -> Iterator[bytes]:
    while at < len(payload):
        start = at + SIZE
        at = start + int.from_bytes(payload[at:start], "big")
        if at > len(payload):
            raise BrokenError("a field is longer than its record")
        yield payload[start:at]


def records(data: bytes | mmap.mmap, end: int = 0) -> Iterator[tuple[bytes, bytes]]:
    while end < len(data):
        at, start = end, end + 1 + SIZE
        end = start + int.from_bytes(data[at + 1 : start], "big")
        if end > len(data):
            raise BrokenError("it is longer than the file")
        yield data[at : at + 1], data[start:end]


def text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def number(raw: bytes) -> int:
    if not raw.isdigit() or len(raw) > len(str(1 << 63)):
        raise BrokenError(f"{text(raw)!r} is no number")
    return int(raw)


def seals(value: Any) -> Iterator[tuple[str, str]]:  # row and commitment of what is kept apart
    if isinstance(value, dict):
        if value.get("as") == "sealed":
            yield str(value.get("row")), str(value.get("commitment"))
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from seals(item)


class Check:
    """One export. Roots come before events, events before personal rows."""

    def __init__(self, data: bytes | mmap.mmap, outside: Outside) -> None:
        self.findings: list[Finding] = []
        self.erased: list[tuple[str, str, int]] = []  # row, stream, version
        self.outside, self.uncovered, self.first_root = dict(outside.roots), 0, 0
        self.whole = False
        self.signed: bool | None = None
        self.counts = dict.fromkeys(SHAPES, 0)
        self.header: list[bytes] = []  # format, scope, made_ms, key, streams ...
        self.root: list[bytes] = []
        self.leaves: set[bytes] = set()  # streams that the present root covers
        self.covered: dict[bytes, int] = {}  # the furthest version that a root covers
        self.expected: dict[tuple[bytes, int], list[tuple[bytes, str]]] = {}
        self.heads: dict[bytes, tuple[int, bytes]] = {}
        self.sound: dict[bytes, int] = {}  # the last version that agreed with a root
        self.named: dict[str, list[tuple[str, bytes, int]]] = {}
        self.rows: set[str] = set()
        for stream, version, digest, root in outside.leaves:
            self.expected.setdefault((stream, version), []).append((digest, f"outside root {root}"))
        if data[1 + SIZE : 1 + SIZE * 2 + len(FORMAT)] != lp(FORMAT):
            raise BrokenError("this is no evidence export of a known format")
        try:
            self.run(data)
        except BrokenError as error:
            at = f"near record {sum(self.counts.values())}"
            self.find("export", b"", 0, f"{at}: {error}; nothing after it was checked")

    def find(self, part: str, stream: bytes, first: int, what: str, last: int = 0) -> None:
        self.findings.append(Finding(part, text(stream), first, last or first, what))

    def run(self, data: bytes | mmap.mmap) -> None:
        take: dict[bytes, Callable[[bytes, list[bytes]], None]] = {b"H": self.take_header}
        take |= {b"R": self.take_root, b"L": self.take_leaf, b"E": self.take_event}
        take |= {b"P": self.take_personal, b"Z": lambda _payload, _parts: None}
        kind, parts = b"", [b""]
        for kind, payload in records(data):
            parts = list(fields_of(payload))
            fits = len(parts) > HEADER if kind == b"H" else len(parts) == SHAPES.get(kind)
            if not fits or (kind == b"H") == bool(self.header) or self.counts[b"Z"]:
                raise BrokenError("it is no record of this format")
            self.counts[kind] += 1
            take[kind](payload, parts)
        if kind != b"Z" or list(map(number, parts)) != [self.counts[k] for k in (b"E", b"P", b"R")]:
            raise BrokenError("the file does not hold what its end states")
        self.close()

    def take_header(self, _payload: bytes, parts: list[bytes]) -> None:
        self.header, self.whole = parts, parts[1] == b"all"

    def take_root(self, payload: bytes, parts: list[bytes]) -> None:
        self.close_root()
        algorithm, previous, raw, made, _delivery, _leaves, _merkle, digest, signature = parts
        root, last = number(raw), number(self.root[2]) if self.root else 0
        body = payload[: -len(lp(digest, signature))]
        if algorithm != ROOT or hashlib.sha256(body).digest() != digest:
            self.find("root", b"", 0, f"root {root} was changed")
        before = self.root[7] if self.root else GENESIS
        if (self.root or self.whole) and (root, previous) != (last + 1, before):
            self.find("root", b"", 0, f"root {root} does not follow root {last}")
        kept, key = self.outside.pop(root, (digest, self.header[3]))
        if (kept, key) != (digest, self.header[3]):
            self.find("root", b"", 0, f"root {root} of {text(made)} ms is not the one kept outside")
        self.first_root = self.first_root or root
        self.root, self.leaves = parts, set()

    def take_leaf(self, _payload: bytes, parts: list[bytes]) -> None:
        root, stream, version, digest, path = parts
        node = hashlib.sha256(b"\0" + lp(stream, version, digest)).digest()
        for at in range(0, len(path), 33):
            sibling = path[at + 1 : at + 33]
            pair = sibling + node if path[at : at + 1] == b"L" else node + sibling
            node = hashlib.sha256(b"\1" + pair).digest()
        if not self.root or [root, node] != [self.root[2], self.root[6]]:
            self.find("root", stream, number(version), f"is not what root {text(root)} covers")
            return
        self.leaves.add(stream)
        self.covered[stream] = max(self.covered.get(stream, 0), number(version))
        known = self.expected.setdefault((stream, number(version)), [])
        known.append((digest, f"root {text(root)}"))

    def close_root(self) -> None:
        if self.whole and self.root and len(self.leaves) != number(self.root[5]):
            self.find("root", b"", 0, f"root {text(self.root[2])} covers other streams than listed")

    def take_event(self, payload: bytes, parts: list[bytes]) -> None:
        algorithm, previous, stream, raw, body = parts[:5]
        digest, kind = parts[15:]
        version = number(raw)
        last, head = self.heads.get(stream, (0, GENESIS))
        if version > last + 1:
            self.find("event", stream, last + 1, "missing", version - 1)
        elif version <= last:
            self.find("event", stream, version, "stands twice or out of order")
        elif previous != head:
            self.find("event", stream, version, "does not link to the event before it")
        hashed = payload[: -len(lp(digest, kind))]
        if algorithm != EVENT or hashlib.sha256(hashed).digest() != digest:
            self.find("event", stream, version, "was changed")
        roots = self.expected.pop((stream, version), [])
        others = [by for known, by in roots if known != digest]
        if others:
            first = self.sound.get(stream, 0) + 1
            self.find("event", stream, first, f"is not what {others[0]} covers", version)
        elif roots:
            self.sound[stream] = version
        self.heads[stream] = (version, digest)
        self.uncovered += version > self.covered.get(stream, 0)
        try:
            content = json.loads(body)
            named = list(seals(content))
        except (ValueError, RecursionError):
            content, named = None, []
        if not isinstance(content, dict) or content.get("kind") != text(kind):
            self.find("event", stream, version, "is filed under a kind that it does not state")
        for row, commitment in named:
            self.named.setdefault(row, []).append((commitment, stream, version))

    def take_personal(self, _payload: bytes, parts: list[bytes]) -> None:
        raw, holder, salt, content, _written, erased = parts
        row, found = text(raw), hashlib.sha256(salt + content).hexdigest()
        if row in self.rows or row not in self.named:
            self.find("personal", holder, 0, f"row {row} stands twice or is named by no event")
        self.rows.add(row)
        for commitment, stream, version in self.named.get(row, ()):
            if erased and not salt and not content:
                self.erased.append((row, text(stream), version))
            elif found != commitment:
                self.find("personal", stream, version, f"row {row} is not what was sealed")

    def close(self) -> None:
        self.close_root()
        for row in sorted(self.named.keys() - self.rows):
            for _commitment, stream, version in self.named[row]:
                self.find("personal", stream, version, f"row {row} is missing")
        for (stream, version), known in sorted(self.expected.items()):
            last = self.heads.get(stream, (0, b""))[0]
            if version > last and (self.whole or stream in self.header[4:]):
                what = "cut off" if last else "the stream is missing"
                self.find("event", stream, last + 1, f"{what}; {known[0][1]} saw it", version)
        for root in sorted(self.outside):
            if root >= self.first_root:
                self.find("root", b"", 0, f"root {root} is kept outside and missing here")
        self.signed = signed(self.header[3], self.root[7], self.root[8]) if self.root else None
        if self.signed is False:
            self.find("root", b"", 0, f"root {text(self.root[2])} is not signed by the stated key")


def signed(key: bytes, digest: bytes, signature: bytes) -> bool | None:
    """Whether the Ed25519 signature fits; None where there is no openssl to ask."""
    if (program := shutil.which("openssl")) is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "key").write_bytes(bytes.fromhex("302a300506032b6570032100") + key)  # DER
        Path(folder, "digest").write_bytes(digest)
        Path(folder, "signature").write_bytes(signature)
        arguments = "pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in digest -sigfile"
        command = [program, *arguments.split(), "signature"]
        return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0  # noqa: S603 (fixed words)


def read_roots(paths: Sequence[str]) -> Outside:
    """Lines of text: a root and the heads that it covers, as the product writes them."""
    outside, root = Outside(), 0
    for path in map(Path, paths):
        for file in sorted(path.rglob("*.txt")) if path.is_dir() else [path]:
            for line in file.read_text(encoding="utf-8").splitlines():
                match line.split():
                    case ["goldenhour-root-1", ident, _made, digest, key, _signature]:
                        root = int(ident)
                        outside.roots[root] = (bytes.fromhex(digest), bytes.fromhex(key))
                    case ["leaf", name, version, digest]:
                        known = (unquote_to_bytes(name), int(version), bytes.fromhex(digest), root)
                        outside.leaves.append(known)
                    case [_, *_]:
                        raise BrokenError(f"{file}: not a root and not a leaf: {line[:60]}")
    return outside


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check an evidence export.")
    parser.add_argument("export")
    parser.add_argument("--roots", nargs="*", default=[])
    given = parser.parse_args(arguments)
    try:
        outside = read_roots(given.roots)
        with Path(given.export).open("rb") as file:
            check = Check(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), outside)
    except (BrokenError, OSError, ValueError) as error:
        print(f"cannot check: {error}", file=sys.stderr)
        return 2
    for part, holder, first, last, what in check.findings:
        print(f"FOUND   {part}  {holder or '-'}  {first}-{last}  {what}")
    for row, stream, version in check.erased:
        print(f"erased  {stream}  {version}  row {row}")
    scope = "all streams" if check.whole else "some streams"
    print(f"{scope} {check.counts}; {check.uncovered} events are covered by no root yet")
    if check.signed is None:
        print("the signature was not checked: no root, or no openssl on this machine")
    if not outside.roots:
        print("without roots from outside, a rebuild by the owner of the host cannot be seen")
    print(f"{len(check.findings)} findings" if check.findings else "nothing was altered")
    return 1 if check.findings else 0


if __name__ == "__main__":
    sys.exit(main())
