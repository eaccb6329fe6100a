"""Every reader of what comes from outside, fed with damage: nothing is raised but its own refusal.

The seeds are what the doubles and the product's writers send, by reader: HL7 of monitors and
meters, JT/T 808 of terminals, JT/T 1078 of cameras, ECG packets, EDF+ and DICOM of ECG, ultrasound,
the text of an identity card, a road authority's feed. Each is changed in a few places and read;
streams are cut at random places too. Where a checksum guards what follows, it is made right again
every second time: else nothing behind it would ever be reached. A reader may refuse in the way
that it declares; anything else that it raises is a fault. The drill is not passed either if one
reading takes more of a processor than `SLOW_S`.

Planted bug: the EDF reader believes the head's number of records, as the standard invites to.
"""

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Final, NamedTuple

import numpy as np
from crc32c import crc32c

from goldenhour.compute.ecg import BadBlockError, Block, Decoder
from goldenhour.content.devices import load_quirks
from goldenhour.kernel.geo import Point
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.simulator import jt808_camera, jt808_frames, ultrasound_scene
from goldenhour.simulator.ecg_packets import Packetizer
from goldenhour.simulator.ecg_source import load_recording
from goldenhour.simulator.monitor import MonitorDouble, Profile, ReportWriter
from goldenhour.wire import cifs, ecg_stream, hl7v2, id_card, jt808, jt1078
from goldenhour.wire.ecg_files import EcgFileError, EcgRecord, Lead, read_dicom, read_edf, write_edf
from goldenhour.wire.ecg_files import write_dicom as write_ecg_dicom
from goldenhour.wire.jt808.frame import DELIMITER, close_frame, unescape
from goldenhour.wire.ultrasound import UltrasoundError, read_frame, read_image

N: Final = 1_000_000
SLOW_S: Final = 0.05
SHARES: Final = {"dicom": 1, "edf": 4, "ultrasound": 1}
"""Of the readings, out of those of readers with ten each: what is slow to read is read less."""
_WEIGHT: Final = 10
_AT_MS: Final = 1_795_300_000_000
_TERMINAL: Final = jt808_frames.Identity(phone="13912345678", v2019=True, plate="沪A00001")


class Reader(NamedTuple):
    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes, Random], object]
    make_right: Callable[[bytes], bytes] = bytes
    """The same with checksums that fit."""


def run(options: Options) -> Report:
    dice = Random(options.seed)  # noqa: S311 (a drill must be repeatable)
    readers = _readers(plant=options.plant)
    weights = [SHARES.get(reader.name, _WEIGHT) for reader in readers]
    n = options.n or N
    faults = dict.fromkeys((reader.name for reader in readers), 0)
    slowest_s = 0.0
    for number in range(n):
        (reader,) = dice.choices(readers, weights)
        data = damaged(dice.choice(reader.seeds), dice)
        if number % 2:
            data = reader.make_right(data)
        began_s = time.process_time()
        try:
            reader.read(data, dice)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is what the drill looks for)
            faults[reader.name] += 1
            say(f"{reader.name}: {error!r} on {data[:200]!r}, number {number}")
        took_s = time.process_time() - began_s
        slowest_s = max(slowest_s, took_s)
        if took_s > SLOW_S:
            say(f"{reader.name}: {took_s:.1f} s for {data[:200]!r}, number {number}")
    value = sum(faults.values())
    return Report(
        name="fuzz",
        value=value,
        unit="readings that raised what they do not declare",
        goal=0,
        passed=value == 0 and slowest_s <= SLOW_S,
        n=n,
        spread={name: float(count) for name, count in faults.items()}
        | {"slowest_ms": round(slowest_s * 1000, 1)},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


def damaged(data: bytes, dice: Random) -> bytes:
    """A few bytes changed, cut out, doubled or put in, mostly near the head, where fields are."""
    out = bytearray(data)
    for _ in range(dice.choice((0, 1, 1, 2, 4, 16))):
        at = dice.randrange(max(len(out) // dice.choice((1, 2, 8)), 1))
        match dice.randrange(6):
            case 0:
                out[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                out[at : at + 1] = bytes([out[at] ^ 1 << dice.randrange(8)]) if out else b""
            case 2:
                del out[at : at + dice.randrange(1, 40)]
            case 3:
                out[at:at] = out[at : at + dice.randrange(1, 40)]
            case 4:
                out[at : at + 4] = dice.choice(
                    (b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"9999")
                )
            case _:
                del out[dice.randrange(1, len(out) + 1) :]
        if not out:
            break
    return bytes(out)


def pieces(data: bytes, dice: Random) -> list[bytes]:
    """As a socket gives it."""
    cuts = sorted(dice.randrange(len(data) + 1) for _ in range(dice.randrange(4)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


# ---- the readers, each with what it may refuse by


def _readers(*, plant: bool) -> list[Reader]:
    ecg = _ecg_record()
    return [
        Reader("hl7", _hl7_seeds(), _read_hl7),
        Reader("jt808", _jt808_seeds(), _read_jt808, _with_right_xor),
        Reader("jt1078", _jt1078_seeds(), _read_jt1078),
        Reader("ecg_stream", _ecg_stream_seeds(), _read_ecg_stream, _with_right_crc),
        Reader("edf", (write_edf(ecg),), _read_edf_trusting if plant else _read_edf),
        Reader("dicom", (write_ecg_dicom(ecg),), _read_dicom),
        Reader("ultrasound", _ultrasound_seeds(), _read_ultrasound),
        Reader("id_card", (_card_seed(),), _read_card),
        Reader("cifs", (_CIFS,), _read_cifs),
    ]


def _read_hl7(data: bytes, dice: Random) -> None:
    framer = hl7v2.Framer()
    for piece in pieces(hl7v2.wrap(data), dice):
        for frame in framer.feed(piece):
            if isinstance(frame, bytes):
                hl7v2.decode(frame, _MAKERS)
    hl7v2.decode(data, _MAKERS)


def _read_jt808(data: bytes, dice: Random) -> None:
    splitter, assembler = jt808.Splitter(), jt808.Assembler(timeout_ms=1)
    for now_ms, piece in enumerate(pieces(data, dice)):
        for payload in splitter.feed(piece):
            found = jt808.decode(payload) if isinstance(payload, bytes) else payload
            if isinstance(found, jt808.Message) and found.header.part is not None:
                assembler.add(found, now_ms)
        assembler.list_overdue(now_ms)


def _read_jt1078(data: bytes, dice: Random) -> None:
    splitter, assembler = jt1078.Splitter(), jt1078.Assembler()
    found = [item for piece in pieces(data, dice) for item in splitter.feed(piece)]
    for item in (*found, *splitter.close()):
        if isinstance(item, jt1078.Packet):
            assembler.feed(item)
    jt1078.read_kept(data)
    for payload_type in (jt1078.H264, jt1078.H265):
        jt1078.codec_of(payload_type, data)


def _read_ecg_stream(data: bytes, dice: Random) -> None:
    framer, decoder = ecg_stream.Framer(), Decoder(12)
    for piece in pieces(data, dice):
        for item in framer.feed(piece):
            if isinstance(item, ecg_stream.Broken):
                continue
            packet = item[1]
            try:
                decoder.decode(Block(packet.key, packet.coded), packet.count)
            except BadBlockError:
                continue


def _with_right_xor(data: bytes) -> bytes:
    pieces = [piece for piece in data.split(DELIMITER) if piece]
    return b"".join(close_frame(unescape(piece)[:-1]) for piece in pieces)


def _with_right_crc(data: bytes) -> bytes:
    out, at = bytearray(), 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "little")
        body = data[at + 2 : end][:-4]
        out += ecg_stream.wrap(body + crc32c(body).to_bytes(4, "little"))
        at = end
    return bytes(out)


def _read_edf(data: bytes, _dice: Random) -> None:
    try:
        read_edf(data)
    except EcgFileError:
        return


def _read_edf_trusting(data: bytes, dice: Random) -> None:
    """The planted bug."""
    int(data[236:244])
    _read_edf(data, dice)


def _read_dicom(data: bytes, _dice: Random) -> None:
    try:
        read_dicom(data)
    except EcgFileError:
        return


def _read_ultrasound(data: bytes, _dice: Random) -> None:
    try:
        read_image(data)
        read_frame(data, 0)
    except UltrasoundError:
        return


def _read_card(data: bytes, _dice: Random) -> None:
    id_card.read_block(data)


def _read_cifs(data: bytes, _dice: Random) -> None:
    try:
        cifs.decode(data)
    except cifs.FeedError:
        return


# ---- what is damaged


_CIFS: Final = json.dumps(
    {
        "incidents": [
            {
                "id": f"J-{number}",
                "type": "ROAD_CLOSED",
                "subtype": "ROAD_CLOSED_EVENT",
                "street": "学府路",
                "polyline": "31.200000 121.400000 31.200000 121.410000",
                "direction": "BOTH_DIRECTIONS",
                "starttime": "2026-11-27T08:00:00+08:00",
                "endtime": "2026-11-27T20:00:00+08:00",
            }
            for number in range(3)
        ]
    }
).encode()


_MAKERS: Final = load_quirks().makers


_ALARM: Final = (
    b"MSH|^~\\&|MON^0200000000000001^EUI-64||||20261101000000+0000||ORU^R40^ORU_R40|1|P|2.6\r"
    b"OBR|1|||196616^MDC_EVT_ALARM^MDC\r"
    b"OBX|1|ST|196674^MDC_EVT_LO_VAL_LT_LIM^MDC|1.1.0.1.1|SPO2 LOW|||L~PH~SP|||R\r"
    b"OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.0.1.2|82|262688^MDC_DIM_PERCENT^MDC|>90\r"
    b"OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.0.1.3|start\r"
    b"OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.1.0.1.4|active\r"
)
"""A device's own alarm, as IHE PCD-04 has it."""


def _hl7_seeds() -> tuple[bytes, ...]:
    monitor = MonitorDouble(device_id="0200000000000001", profile=Profile.STABLE)
    writer = ReportWriter(monitor, Random(1), cuff_period_s=60)  # noqa: S311 (as above)
    reports = tuple(
        writer.next_report(elapsed_s=at_s, device_ms=_AT_MS + at_s * 1000, lead_off=at_s == 2)  # noqa: PLR2004 (one of them)
        for at_s in range(4)
    )
    return (*reports, _ALARM)


def _jt808_seeds() -> tuple[bytes, ...]:
    fix = jt808_frames.Position(
        point=Point(lat=31.2, lon=121.4),
        speed_kmh=42.0,
        heading_deg=90,
        altitude_m=12,
        at_ms=_AT_MS,
        mileage_km=1.5,
        satellites=9,
    )
    body = jt808_frames.position(_TERMINAL, fix)
    card = jt808_frames.Card(
        name="测试员", certificate="1404", issuer="运管", valid_until="20340409", id_number="1404"
    )
    history = jt808_frames.catch_up([body] * 60)
    event = jt808_frames.picture_event(1, 2, 1)
    drawn = jt808_camera.draw("fuzz", datetime(2026, 11, 1, tzinfo=UTC))
    picture = jt808_frames.picture(event, body, drawn)
    return (
        jt808_frames.build(_TERMINAL, 0x0100, 1, jt808_frames.register(_TERMINAL)),
        jt808_frames.build(_TERMINAL, 0x0102, 2, jt808_frames.authenticate(_TERMINAL, "code")),
        jt808_frames.build(_TERMINAL, 0x0200, 3, body),
        jt808_frames.build(_TERMINAL, 0x0704, 4, jt808_frames.catch_up([body, body])),
        jt808_frames.build(_TERMINAL, 0x0702, 5, jt808_frames.driver(_TERMINAL, card, _AT_MS)),
        b"".join(jt808_frames.build_parts(_TERMINAL, 0x0704, 6, history)),
        jt808_frames.build(_TERMINAL, 0x0800, 7, event),
        jt808_frames.build(_TERMINAL, 0x0801, 8, picture[:900]),
        b"".join(jt808_frames.build_parts(_TERMINAL, 0x0801, 9, picture[:3000])),
        jt808_frames.build(_TERMINAL, 0x0805, 10, jt808_frames.camera_answer(7, 0, [1, 2])),
    )


def _jt1078_seeds() -> tuple[bytes, ...]:
    def packet(sequence: int, kind_and_split: int, body: bytes) -> bytes:
        head = b"\x30\x31\x63\x64\x81\x62" + sequence.to_bytes(2, "big")
        who = bytes.fromhex("013912345678") + b"\x01" + bytes([kind_and_split])
        times = _AT_MS.to_bytes(8, "big") + b"\0\x28\0\x28"
        return head + who + times + len(body).to_bytes(2, "big") + body

    key = b"\0\0\0\1\x67\x4d\0\x14" + b"\0\0\0\1\x65" + bytes(60)
    split = (packet(1, 0x01, key), packet(2, 0x03, bytes(80)), packet(3, 0x02, bytes(9)))
    return (packet(0, 0x00, key) + packet(1, 0x10, bytes(30)), b"".join(split))


def _ecg_stream_seeds() -> tuple[bytes, ...]:
    recording = load_recording(500)
    packets = Packetizer(
        device_id="E-1", epoch=7, rate_hz=500, channels=recording.channels, replay=True
    )
    framed, at = bytearray(), 0
    for _ in range(6):
        count = packets.next_count()
        framed += ecg_stream.wrap(packets.packet(recording.samples[at : at + count], _AT_MS))
        at += count
    return (bytes(framed),)


def _ecg_record() -> EcgRecord:
    dice = np.random.default_rng(1)
    return EcgRecord(
        leads=tuple(Lead(name=name, lsb_nv=Fraction(5000)) for name in ("I", "II", "V1")),
        rate_hz=Fraction(500),
        samples=dice.integers(-400, 400, (300, 3)).astype(np.int32),
        begun_ms=_AT_MS,
        test=True,
        subject="p",
        sex="M",
    )


def _ultrasound_seeds() -> tuple[bytes, ...]:
    window, dice = ultrasound_scene.WINDOWS[0], np.random.default_rng(1)
    at, uids = datetime(2026, 11, 1, tzinfo=UTC), ("1.2.3", "1.2.3.1", "1.2.3.1.1")
    seeds = []
    for make in (ultrasound_scene.still, ultrasound_scene.loop):
        out = BytesIO()
        make(window, dice, fluid=True, uids=uids, at=at).save_as(out, enforce_file_format=True)
        seeds.append(out.getvalue())
    return tuple(seeds)


def _card_seed() -> bytes:
    fields = (("周建明", 15), ("1", 1), ("01", 2), ("19640101", 8), ("学府路 6 号", 35))
    rest = (("310101196401010011", 18), ("市公安局", 15), ("20200101", 8), ("长期", 8), ("", 18))
    text = "".join(value.ljust(width) for value, width in (*fields, *rest))
    return text.encode("utf-16-le")
