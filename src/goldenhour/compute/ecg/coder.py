"""Blocks of samples: the encoder's choices and both directions.

Rule 1: a key block stands alone; any other needs all blocks since the last key, in order.
Rule 2: what a block holds comes back bit for bit, or the encoder refuses it.
Rule 3: a decoder that met a bad block waits for the next key block.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goldenhour.compute.ecg.kernel import OK, Ints, decode_values, encode_values, new_memory
from goldenhour.compute.ecg.params import (
    HALVES,
    MAX_CHANNELS,
    MAX_SAMPLES,
    MAX_SHIFT,
    MAX_VALUE,
    BadBlockError,
    ChannelParams,
    Relation,
    expected_error,
    read_params,
    scale_for,
    write_params,
)

Samples = NDArray[np.int32]

_WORST_BYTES: Final = 8
"""A value takes at most 24 bits for its escape and 32 for itself."""
_TRUSTED_CHANGES: Final = 32
"""So many differences must agree before they are taken for a device's step."""
_PREDICTOR_LIMIT: Final = 2047
_SHARE_CLIPPED: Final = 0.05


class Block(NamedTuple):
    key: bool
    data: bytes


class State(NamedTuple):
    """The model of one stream between two blocks."""

    memory: Ints
    order: Ints
    plain: int


class Encoder:
    """Codes one stream; `relations` says what the leads' names promise (`limb_relations`)."""

    def __init__(self, channels: int, relations: Sequence[Relation | None] = ()) -> None:
        if not 1 <= channels <= MAX_CHANNELS:
            raise ValueError(f"channels: {channels}, 1 to {MAX_CHANNELS} are possible")
        self._count = channels
        self._promised = tuple(relations) or (None,) * channels
        self._past = np.zeros((0, channels), np.int64)
        self._params: list[ChannelParams] = []
        self._state: State | None = None
        self._time = 0

    def encode(self, samples: Samples, *, key: bool) -> Block:
        """One block of rows (sample, channel).

        It is a key block when asked for, at the start, and where the samples leave the steps that
        the last key declared. Raises ValueError for samples that the format cannot hold.
        """
        rows = np.asarray(samples, np.int64)
        if rows.ndim != 2 or rows.shape[1] != self._count:  # noqa: PLR2004 (rows and channels)
            raise ValueError(f"samples: shape {rows.shape} instead of (n, {self._count})")
        if not 1 <= len(rows) <= MAX_SAMPLES:
            raise ValueError(f"samples: {len(rows)}, 1 to {MAX_SAMPLES} are possible")
        if rows.min() < -MAX_VALUE or rows.max() >= MAX_VALUE:
            raise ValueError("samples: beyond 24 bits")
        values = None if key or self._state is None else self._stepped(rows)
        head = b""
        is_key = values is None
        if values is None:
            self._params = self._choose(np.concatenate((self._past, rows)), rows[0])
            self._past = np.zeros((0, self._count), np.int64)
            head = write_params(self._params)
            self._state = _fresh(self._params)
            self._time = 0
            values = self._stepped(rows)
            assert values is not None  # the parameters were made for these rows
            values = values[1:]
        assert self._state is not None
        out = np.zeros(values.size * _WORST_BYTES + 16, np.uint8)
        used = encode_values(*self._state, values, out, self._time)
        self._time += len(values)
        self._past = np.concatenate((self._past, rows))[-MAX_SAMPLES:]
        return Block(key=is_key, data=head + out[:used].tobytes())

    def _stepped(self, rows: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Rows as counts of steps, or None when they do not lie on them."""
        rest = _remainders(rows, [p.relation for p in self._params])
        rest -= np.array([p.first for p in self._params])
        steps = np.array([p.step for p in self._params])
        return None if (rest % steps).any() else rest // steps

    def _choose(self, seen: NDArray[np.int64], first: NDArray[np.int64]) -> list[ChannelParams]:
        """The parameters that suit what was seen since the last key and the new rows."""
        promised = _remainders(seen, self._promised)
        chosen = [
            relation if relation and _restless(promised[:, c]) < _restless(seen[:, c]) else None
            for c, relation in enumerate(self._promised)
        ]
        moves = np.diff(_remainders(seen, chosen), axis=0)
        firsts = _remainders(first[None, :], chosen)[0]
        params = []
        for c, relation in enumerate(chosen):
            step = _step(moves[:, c])
            sizes = np.abs(moves[:, c]) // step
            shift = 0
            while shift < MAX_SHIFT and _often_clipped(sizes >> shift):
                shift += 1
            # The predictors will err about half as much as the samples move.
            error = int(sizes.mean() * 128) if len(sizes) else 0
            params.append(
                ChannelParams(relation, step, int(firsts[c]), shift, scale_for(max(error, 1)))
            )
        return params


class Decoder:
    """Decodes one stream; give it the blocks since a key block, in order."""

    def __init__(self, channels: int) -> None:
        if not 1 <= channels <= MAX_CHANNELS:
            raise BadBlockError(f"channels: {channels}, 1 to {MAX_CHANNELS} are possible")
        self._count = channels
        self._params: list[ChannelParams] = []
        self._state: State | None = None
        self._time = 0

    def decode(self, block: Block, samples: int) -> Samples:
        """Rows (sample, channel). Raises BadBlockError; then the next block must be a key."""
        state, at = self._state, 0
        self._state = None
        if not 1 <= samples <= MAX_SAMPLES:
            raise BadBlockError(f"samples: {samples}, 1 to {MAX_SAMPLES} are possible")
        if block.key:
            self._params, at = read_params(block.data, self._count)
            state, self._time = _fresh(self._params), 0
        if state is None:
            raise BadBlockError("key: there is none before this block")
        values = np.zeros((samples, self._count), np.int64)
        coded = values[1:] if block.key else values
        data = np.frombuffer(block.data, np.uint8)[at:]
        if decode_values(*state, data, coded, self._time) != OK:
            raise BadBlockError("samples: out of range")
        self._time += len(coded)
        steps = np.array([p.step for p in self._params], np.int64)
        rows = values * steps + np.array([p.first for p in self._params], np.int64)
        for c, params in enumerate(self._params):
            if params.relation:
                rows[:, c] += _predicted(rows, params.relation)
        if (rows < -MAX_VALUE).any() or (rows >= MAX_VALUE).any():
            raise BadBlockError("samples: beyond 24 bits")
        self._state = state
        return rows.astype(np.int32)


def _fresh(params: list[ChannelParams]) -> State:
    plain = [c for c, p in enumerate(params) if not p.relation]
    derived = [c for c, p in enumerate(params) if p.relation]
    return State(
        memory=new_memory([p.shift for p in params], [expected_error(p.scale) for p in params]),
        order=np.array([*plain, *derived], np.int64),
        plain=len(plain),
    )


def _predicted(rows: NDArray[np.int64], relation: Relation) -> NDArray[np.int64]:
    of_i, of_ii = HALVES[relation.kind]
    predicted: NDArray[np.int64] = (
        of_i * rows[:, relation.lead_i] + of_ii * rows[:, relation.lead_ii]
    ) >> 1
    return predicted


def _remainders(rows: NDArray[np.int64], relations: Sequence[Relation | None]) -> NDArray[np.int64]:
    rest = rows.copy()
    for c, relation in enumerate(relations):
        if relation:
            rest[:, c] -= _predicted(rows, relation)
    return rest


def _restless(values: NDArray[np.int64]) -> int:
    return int(np.abs(np.diff(values)).sum())


def _step(moves: NDArray[np.int64]) -> int:
    if np.count_nonzero(moves) < _TRUSTED_CHANGES:
        return 1
    return int(np.gcd.reduce(moves))


def _often_clipped(sizes: NDArray[np.int64]) -> bool:
    return bool(np.count_nonzero(sizes > _PREDICTOR_LIMIT) > _SHARE_CLIPPED * len(sizes))
