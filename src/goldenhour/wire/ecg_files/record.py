"""One ECG as every file format of this package gives and takes it: integers, scale, gaps.

Rule 1: samples are the device's own integers; what they mean is `lsb_nv * sample + zero_nv`, kept
        as fractions, so that nothing is rounded on the way from one format to another.
Rule 2: a gap is a stretch that nobody measured. What stands in `samples` there means nothing and is
        0; no format may show it as a line: each has its own sign for it.
Rule 3: a format that cannot hold a record exactly refuses it and says why (EcgFileError).
Rule 4: nothing here grows beyond `MAX_VALUES`, whatever a file says of itself.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from goldenhour.kernel.record import Record

MAX_FILE_BYTES: Final = 48 * 1024 * 1024
"""A file that is read. With at most as many bytes again for the samples, and a few for its text."""
MAX_VALUES: Final = 24_000_000
"""Samples times leads: twelve leads at 500 Hz for an hour and six minutes; 96 MB of memory."""
MAX_LEADS: Final = 64
AGE: Final = re.compile(r"[0-9]{3}[DWMY]")
"""An age as DICOM says it (PS3.5, AS)."""
MAX_RATE_HZ: Final = 100_000
_SECOND_MS: Final = 1000

Samples = NDArray[np.int32]
Gap = tuple[int, int]
"""First sample, and how many."""


class EcgFileError(ValueError):
    """A file that cannot be read, or a record that a format cannot hold; `field` is at fault."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Lead(Record):
    name: str
    """`I`, `aVR`, `V1` ...: spelt as in docs/interfaces/ecg-stream.md where it is one of those."""
    lsb_nv: Fraction
    """Nanovolts of one unit of a sample."""
    zero_nv: Fraction = Fraction(0)
    """What a sample of 0 means."""
    gaps: tuple[Gap, ...] = ()
    """Ordered, disjoint, never touching."""


class EcgRecord(Record):
    leads: tuple[Lead, ...]
    rate_hz: Fraction
    samples: Samples
    """Rows (sample, lead)."""
    begun_ms: int | None
    """The first sample by the device's clock; None: the file does not say."""
    device: str = ""
    test: bool = False
    """Test data or a replayed recording: never a patient."""
    subject: str = ""
    """A pseudonym of the patient."""
    case: str = ""
    """The number of the emergency."""
    sex: str = ""
    """M, F, O, or empty."""
    age: str = ""
    """As `AGE`: days, weeks, months or years; empty: not known."""
    notes: tuple[str, ...] = ()
    """What a reader left out, in words."""

    @property
    def count(self) -> int:
        return int(self.samples.shape[0])

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Where no lead was measured."""
        return gaps_of(missing(self).all(axis=1))

    def ms_of(self, sample: int) -> int | None:
        """When a sample was taken, by the device's clock."""
        if self.begun_ms is None:
            return None
        return self.begun_ms + round(sample * _SECOND_MS / self.rate_hz)


def gaps_of(mask: NDArray[np.bool_]) -> tuple[Gap, ...]:
    """The stretches where the mask is set."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    return tuple(
        (int(first), int(end - first)) for first, end in zip(edges[::2], edges[1::2], strict=True)
    )


def missing(record: EcgRecord) -> NDArray[np.bool_]:
    """Per (sample, lead): whether nobody measured it."""
    mask = np.zeros(record.samples.shape, np.bool_)
    for place, lead in enumerate(record.leads):
        for first, count in lead.gaps:
            mask[first : first + count, place] = True
    return mask


def with_gaps(record: EcgRecord, mask: NDArray[np.bool_]) -> EcgRecord:
    """The record with exactly these gaps, and 0 in them."""
    leads = tuple(
        replace(lead, gaps=gaps_of(mask[:, place])) for place, lead in enumerate(record.leads)
    )
    return replace(record, leads=leads, samples=np.where(mask, 0, record.samples).astype(np.int32))


def check_size(samples: int, leads: int, field: str) -> None:
    """Before anything is allocated."""
    if not 1 <= leads <= MAX_LEADS:
        raise EcgFileError(field, f"{leads} leads, 1 to {MAX_LEADS} are possible")
    if samples < 1:
        raise EcgFileError(field, "no samples")
    if samples * leads > MAX_VALUES:
        raise EcgFileError(
            field, f"{samples} samples of {leads} leads, together {MAX_VALUES} are possible"
        )


def cut(record: EcgRecord, first: int, end: int) -> EcgRecord:
    """The samples [first, end)."""
    first, end = max(first, 0), min(end, record.count)
    check_size(end - first, len(record.leads), "range")
    part = replace(record, samples=record.samples[first:end], begun_ms=record.ms_of(first))
    return with_gaps(part, missing(record)[first:end])


def join(records: Sequence[EcgRecord]) -> EcgRecord:
    """Recordings of the same leads, one after another, on one time line by the device's clock.

    Between them is a gap. The later ones are moved to the first one's grid, by at most half a
    sample; where two overlap, the later one begins when the earlier has ended. Raises EcgFileError.
    """
    first = records[0]
    places, end = [], 0
    for record in records:
        if [(at.name, at.lsb_nv, at.zero_nv) for at in record.leads] != [
            (at.name, at.lsb_nv, at.zero_nv) for at in first.leads
        ]:
            raise EcgFileError("leads", "they change within the range; ask for a shorter one")
        if record.rate_hz != first.rate_hz:
            raise EcgFileError("rate_hz", "it changes within the range; ask for a shorter one")
        if record.begun_ms is None or first.begun_ms is None:
            raise EcgFileError("begun_ms", "recordings without a time have no order")
        offset = round((record.begun_ms - first.begun_ms) * first.rate_hz / _SECOND_MS)
        places.append(max(offset, end))
        end = places[-1] + record.count
        check_size(end, len(first.leads), "range")
    samples = np.zeros((end, len(first.leads)), np.int32)
    mask = np.ones(samples.shape, np.bool_)
    for place, record in zip(places, records, strict=True):
        samples[place : place + record.count] = record.samples
        mask[place : place + record.count] = missing(record)
    whole = replace(
        first,
        samples=samples,
        test=any(record.test for record in records),
        notes=tuple(dict.fromkeys(note for record in records for note in record.notes)),
    )
    return with_gaps(whole, mask)
