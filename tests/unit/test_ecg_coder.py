import numpy as np
import pytest

from factories.ecg import TWELVE, synthetic
from goldenhour.compute.ecg import (
    MAX_SAMPLES,
    BadBlockError,
    Block,
    Decoder,
    Encoder,
    limb_relations,
)


def test_what_was_coded_comes_back_over_several_blocks() -> None:
    samples = synthetic(1, 2000, 500)
    encoder, decoder = Encoder(12, limb_relations(TWELVE)), Decoder(12)
    for at in range(0, 2000, 100):
        part = samples[at : at + 100]
        block = encoder.encode(part, key=at % 1000 == 0)
        assert block.key == (at % 1000 == 0)
        assert np.array_equal(decoder.decode(block, 100), part)


def test_the_names_of_limb_leads_save_bytes() -> None:
    samples = synthetic(2, 1000, 500)
    with_names = Encoder(12, limb_relations(TWELVE)).encode(samples, key=True)
    without = Encoder(12).encode(samples, key=True)
    assert len(with_names.data) < len(without.data)
    assert np.array_equal(Decoder(12).decode(with_names, 1000), samples)


def test_a_promise_that_the_samples_break_is_not_believed() -> None:
    samples = synthetic(3, 1000, 500)
    samples[:, 2] = synthetic(4, 1000, 500)[:, 0]
    block = Encoder(12, limb_relations(TWELVE)).encode(samples, key=True)
    assert np.array_equal(Decoder(12).decode(block, 1000), samples)


def test_a_device_that_counts_in_fives_pays_for_fifths() -> None:
    samples = synthetic(5, 500, 250, leads=2)
    fine = Encoder(2).encode(samples, key=True)
    coarse = Encoder(2).encode(samples * 5 + 2, key=True)
    assert len(coarse.data) <= len(fine.data) + 6


def test_leaving_the_declared_step_makes_a_key_block() -> None:
    samples = synthetic(6, 400, 250, leads=2) * 5
    encoder, decoder = Encoder(2), Decoder(2)
    decoder.decode(encoder.encode(samples[:200], key=True), 200)
    part = samples[200:].copy()
    part[50, 1] += 1
    block = encoder.encode(part, key=False)
    assert block.key
    assert np.array_equal(decoder.decode(block, 200), part)


@pytest.mark.parametrize("channels", [1, 3, 64])
def test_extremes_of_24_bits_survive(channels: int) -> None:
    rng = np.random.default_rng(channels)
    samples = rng.integers(-(1 << 23), 1 << 23, (300, channels), dtype=np.int32)
    samples[100:150] = (1 << 23) - 1
    samples[150:200] = -(1 << 23)
    block = Encoder(channels).encode(samples, key=True)
    assert np.array_equal(Decoder(channels).decode(block, 300), samples)


def test_a_flat_line_costs_next_to_nothing() -> None:
    block = Encoder(12).encode(np.full((1000, 12), -32768, np.int32), key=True)
    assert len(block.data) < 200


@pytest.mark.parametrize(
    ("samples", "field"),
    [
        (np.zeros((10, 3), np.int32), "samples: shape"),
        (np.zeros((0, 2), np.int32), "samples: 0"),
        (np.zeros((MAX_SAMPLES + 1, 2), np.int32), "samples: 4097"),
        (np.full((1, 2), 1 << 23, np.int32), "samples: beyond"),
    ],
)
def test_samples_that_do_not_fit_are_refused(samples: np.ndarray, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        Encoder(2).encode(samples, key=True)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "form: cut short"),
        (b"\x20\x01", "lead II: cut short"),
        (b"\xa0", "relation: 5 is unknown"),
        (b"\x10\x00\x00\x00", "step: 0"),
        (b"\x00\xff\x00", "scale: 255"),
        (b"\x00\x00\xff\xff\xff\xff\x0f", "first: "),
        (b"\x00\x00\xff\xff\xff\xff\xff\x0f", "first: longer"),
        (b"\x20\x00\x01\x00\x00\x00\x00\x00", "relation: channel 0"),
    ],
)
def test_a_bad_head_names_its_field(data: bytes, field: str) -> None:
    with pytest.raises(BadBlockError, match=field):
        Decoder(2).decode(Block(key=True, data=data), 10)


def test_a_decoder_without_a_key_says_so_and_recovers_at_the_next() -> None:
    samples = synthetic(8, 200, 500, leads=2)
    encoder, decoder = Encoder(2), Decoder(2)
    first = encoder.encode(samples[:100], key=True)
    second = encoder.encode(samples[100:], key=False)
    with pytest.raises(BadBlockError, match="key"):
        decoder.decode(second, 100)
    assert np.array_equal(decoder.decode(first, 100), samples[:100])
    assert np.array_equal(decoder.decode(second, 100), samples[100:])
    with pytest.raises(BadBlockError, match="samples"):
        decoder.decode(second, MAX_SAMPLES + 1)
    with pytest.raises(BadBlockError, match="key"):
        decoder.decode(second, 100)
