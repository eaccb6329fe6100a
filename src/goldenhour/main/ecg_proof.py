"""`goldenhour prove-ecg`: whether the stored ECG is what its sources sealed, second by second."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from goldenhour.adapters.ecg import SegmentStore
from goldenhour.wire.ecg_stream import prove

NEWEST = 1 << 62


def prove_ecg(folder: Path) -> bool:
    """One line a stream of `folder`, as the centre keeps it; False: one is broken.

    A vehicle's own files are sealed, and are read nowhere but there.
    """
    if not folder.is_dir():
        raise SystemExit(f"{folder} is no folder of ECG segments")
    streams = sorted(path for path in folder.glob("*/*") if path.name.isdigit())
    names = [(path.parent.name, int(path.name)) for path in streams]
    return asyncio.run(_prove_all(SegmentStore(folder), names))


async def _prove_all(store: SegmentStore, streams: Sequence[tuple[str, int]]) -> bool:
    intact = True
    for unit, epoch in streams:
        packets = await store.read(unit, epoch, 0, NEWEST)
        if not packets:
            print(f"{unit}/{epoch}: no packet can be read: sealed in a vehicle, or destroyed")
            intact = False
            continue
        proof = prove(packets)
        broken = f", broken: {', '.join(map(str, proof.broken))}" if proof.broken else ""
        print(
            f"{unit}/{epoch}: {len(proof.proved)} s proved,"
            f" {len(proof.unproved)} s not (newest, or beside a gap){broken}"
        )
        intact = intact and not proof.broken
    return intact
