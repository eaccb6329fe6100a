"""Message bodies: one reader and one writer for each id, in one table at the end.

Rule 1: a body that ends too early is refused by the name of the field that was to come; what
        follows the last field that we know is left, since later editions and vendors add fields.
Rule 2: a reader may raise only RefusedError; a writer only UnencodableError, struct.error or
        OverflowError, which `codec.encode` makes one.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any, Final, NamedTuple

from goldenhour.wire.jt808.driver import Driver, decode_driver, encode_driver
from goldenhour.wire.jt808.fields import (
    TIME_BYTES,
    Cursor,
    decode_text,
    encode_padded,
    encode_text,
    encode_time,
    find_time_ms,
)
from goldenhour.wire.jt808.media import (
    MEDIA_ID,
    CameraAnswer,
    Media,
    MediaAnswer,
    MediaEvent,
    TakePicture,
    decode_camera_answer,
    decode_event,
    decode_media,
    decode_media_answer,
    decode_take_picture,
    encode_camera_answer,
    encode_event,
    encode_media,
    encode_media_answer,
    encode_take_picture,
)
from goldenhour.wire.jt808.messages import (
    Authenticate,
    Body,
    Choice,
    Heartbeat,
    Logout,
    Parameter,
    ParametersAnswer,
    PlatformAnswer,
    PlatformResend,
    PositionAnswer,
    PositionBatch,
    QueryDriver,
    QueryParameters,
    QueryPosition,
    Question,
    QuestionAnswer,
    Register,
    RegisterAnswer,
    RegisterResult,
    SetParameters,
    TerminalAnswer,
    TerminalResend,
    Text,
    TimeAnswer,
    TimeQuery,
    Track,
)
from goldenhour.wire.jt808.position import Position, decode_position, encode_position
from goldenhour.wire.jt808.values import Reason, RefusedError, UnencodableError, Version
from goldenhour.wire.jt808.video import SendVideo, decode_send_video, encode_send_video

_ANSWER: Final = Struct(">HHB")
_TRACK: Final = Struct(">HI")
_IMEI_BYTES: Final = 15
_SOFTWARE_BYTES: Final = 20
# Widths of maker, model and terminal id.
_WIDTHS_2011: Final = (5, 8, 7)
_WIDTHS: Final = {Version.V2013: (5, 20, 7), Version.V2019: (11, 30, 30)}
_REGISTER_2013_MIN_BYTES: Final = 37
_CERTIFICATE_BYTES: Final = 20
_CERTIFICATE_2011_BYTES: Final = 40
_TEXT_MAX_BYTES: Final = 1024


def _read_empty[T: Heartbeat | Logout | TimeQuery | QueryPosition | QueryParameters | QueryDriver](
    kind: type[T],
) -> Callable[[Cursor, Version], T]:
    def read(_cursor: Cursor, _version: Version) -> T:
        return kind()

    return read


def _write_empty(_body: Any, _version: Version) -> bytes:
    return b""


def _read_answer[T: TerminalAnswer | PlatformAnswer](
    kind: type[T],
) -> Callable[[Cursor, Version], T]:
    def read(cursor: Cursor, _version: Version) -> T:
        serial, message_id, result = _ANSWER.unpack(cursor.take(_ANSWER.size, "body"))
        return kind(serial=serial, message_id=message_id, result=result)

    return read


def _write_answer(body: TerminalAnswer | PlatformAnswer, _version: Version) -> bytes:
    return _ANSWER.pack(body.serial, body.message_id, body.result)


def _read_time(cursor: Cursor, _version: Version) -> TimeAnswer:
    return TimeAnswer(at_ms=find_time_ms(cursor.take(TIME_BYTES, "time")))


def _write_time(body: TimeAnswer, _version: Version) -> bytes:
    return encode_time(body.at_ms)


def _count_bytes(version: Version) -> int:
    return 2 if version is Version.V2019 else 1


def _read_resend[T: TerminalResend | PlatformResend](
    kind: type[T],
) -> Callable[[Cursor, Version], T]:
    def read(cursor: Cursor, version: Version) -> T:
        first = cursor.number(2, "first_serial")
        count = cursor.number(_count_bytes(version), "count")
        found = cursor.take(2 * count, "indices")
        return kind(
            first_serial=first,
            indices=tuple(int.from_bytes(found[at : at + 2]) for at in range(0, len(found), 2)),
        )

    return read


def _write_resend(body: TerminalResend | PlatformResend, version: Version) -> bytes:
    return b"".join(
        (
            body.first_serial.to_bytes(2),
            len(body.indices).to_bytes(_count_bytes(version)),
            *(index.to_bytes(2) for index in body.indices),
        )
    )


def _read_register(cursor: Cursor, version: Version) -> Register:
    # The body of 2011 is 12 bytes shorter; no plate is so long that the two could be confused.
    short = version is Version.V2013 and cursor.left < _REGISTER_2013_MIN_BYTES
    maker, model, terminal_id = _WIDTHS_2011 if short else _WIDTHS[version]
    return Register(
        province=cursor.number(2, "province"),
        city=cursor.number(2, "city"),
        maker=cursor.padded(maker, "maker"),
        model=cursor.padded(model, "model"),
        terminal_id=cursor.padded(terminal_id, "terminal_id"),
        plate_colour=cursor.number(1, "plate_colour"),
        plate=decode_text(cursor.rest()),
        short_model=short,
    )


def _write_register(body: Register, version: Version) -> bytes:
    if body.short_model and version is not Version.V2013:
        raise UnencodableError("short_model: only under a header of 2013")
    maker, model, terminal_id = _WIDTHS_2011 if body.short_model else _WIDTHS[version]
    data = b"".join(
        (
            body.province.to_bytes(2),
            body.city.to_bytes(2),
            encode_padded(body.maker, maker, "maker"),
            encode_padded(body.model, model, "model"),
            encode_padded(body.terminal_id, terminal_id, "terminal_id"),
            body.plate_colour.to_bytes(1),
            encode_text(body.plate, "plate"),
        )
    )
    if body.short_model and len(data) >= _REGISTER_2013_MIN_BYTES:
        raise UnencodableError("plate: too long to be told from a body of 2013")
    return data


def _read_register_answer(cursor: Cursor, _version: Version) -> RegisterAnswer:
    serial = cursor.number(2, "serial")
    result = cursor.number(1, "result")
    key = decode_text(cursor.rest()) if result == RegisterResult.OK else ""
    return RegisterAnswer(serial=serial, result=result, key=key)


def _write_register_answer(body: RegisterAnswer, _version: Version) -> bytes:
    if body.result != RegisterResult.OK and body.key:
        raise UnencodableError("key: only with result 0")
    return body.serial.to_bytes(2) + body.result.to_bytes(1) + encode_text(body.key, "key")


def _read_authenticate(cursor: Cursor, version: Version) -> Authenticate:
    if version is Version.V2013:
        return Authenticate(key=decode_text(cursor.rest()))
    key = decode_text(cursor.take(cursor.number(1, "key"), "key"))
    imei = cursor.padded(_IMEI_BYTES, "imei")
    software = cursor.rest()
    # Written with its length before it, or as 20 bytes padded: sources and devices do both.
    if software and software[0] == len(software) - 1:
        software = software[1:]
    elif len(software) == _SOFTWARE_BYTES:
        software = software.rstrip(b"\0")
    else:
        raise RefusedError(Reason.LENGTH, "software", f"{len(software)} bytes")
    return Authenticate(key=key, imei=imei, software=decode_text(software))


def _write_authenticate(body: Authenticate, version: Version) -> bytes:
    key = encode_text(body.key, "key")
    if version is Version.V2013:
        return key
    software = encode_text(body.software, "software")
    return b"".join(
        (
            len(key).to_bytes(1),
            key,
            encode_padded(body.imei, _IMEI_BYTES, "imei"),
            len(software).to_bytes(1),
            software,
        )
    )


def _read_position(cursor: Cursor, _version: Version) -> Position:
    return decode_position(cursor.rest())


def _write_position(body: Position, _version: Version) -> bytes:
    return encode_position(body)


def _read_position_answer(cursor: Cursor, _version: Version) -> PositionAnswer:
    serial = cursor.number(2, "serial")
    return PositionAnswer(serial=serial, position=decode_position(cursor.rest()))


def _write_position_answer(body: PositionAnswer, _version: Version) -> bytes:
    return body.serial.to_bytes(2) + encode_position(body.position)


def _read_batch(cursor: Cursor, _version: Version) -> PositionBatch:
    count = cursor.number(2, "count")
    kind = cursor.number(1, "kind")
    positions = []
    for n in range(count):
        field = f"positions[{n}]"
        positions.append(decode_position(cursor.take(cursor.number(2, field), field), field))
    cursor.end("positions")
    return PositionBatch(kind=kind, positions=tuple(positions))


def _write_batch(body: PositionBatch, _version: Version) -> bytes:
    parts = [len(body.positions).to_bytes(2), body.kind.to_bytes(1)]
    for position in body.positions:
        data = encode_position(position)
        parts += (len(data).to_bytes(2), data)
    return b"".join(parts)


def _read_parameters(cursor: Cursor) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    while cursor.left:
        field = f"parameters[{len(found)}]"
        parameter_id = cursor.number(4, field)
        data = cursor.take(cursor.number(1, field), field)
        found.append(Parameter(parameter_id=parameter_id, data=data))
    return tuple(found)


def _write_parameters(count: int, parameters: tuple[Parameter, ...]) -> bytes:
    parts = [count.to_bytes(1)]
    for parameter in parameters:
        parts += (
            parameter.parameter_id.to_bytes(4),
            len(parameter.data).to_bytes(1),
            parameter.data,
        )
    return b"".join(parts)


def _read_set_parameters(cursor: Cursor, _version: Version) -> SetParameters:
    count = cursor.number(1, "count")
    parameters = _read_parameters(cursor)
    if count != len(parameters):
        raise RefusedError(Reason.LENGTH, "count", f"{count}, but {len(parameters)} parameters")
    return SetParameters(parameters=parameters)


def _write_set_parameters(body: SetParameters, _version: Version) -> bytes:
    return _write_parameters(len(body.parameters), body.parameters)


def _read_parameters_answer(cursor: Cursor, _version: Version) -> ParametersAnswer:
    return ParametersAnswer(
        serial=cursor.number(2, "serial"),
        count=cursor.number(1, "count"),
        parameters=_read_parameters(cursor),
    )


def _write_parameters_answer(body: ParametersAnswer, _version: Version) -> bytes:
    return body.serial.to_bytes(2) + _write_parameters(body.count, body.parameters)


def _read_text(cursor: Cursor, version: Version) -> Text:
    flags = cursor.number(1, "flags")
    kind = cursor.number(1, "kind") if version is Version.V2019 else 0
    return Text(flags=flags, kind=kind, text=decode_text(cursor.rest()))


def _write_text(body: Text, version: Version) -> bytes:
    kind = body.kind.to_bytes(1) if version is Version.V2019 else b""
    text = encode_text(body.text, "text")
    if len(text) > _TEXT_MAX_BYTES:
        raise UnencodableError(f"text: {len(text)} bytes do not fit {_TEXT_MAX_BYTES}")
    return body.flags.to_bytes(1) + kind + text


def _read_question(cursor: Cursor, _version: Version) -> Question:
    flags = cursor.number(1, "flags")
    text = decode_text(cursor.take(cursor.number(1, "length"), "text"))
    choices = []
    while cursor.left:
        ident = cursor.number(1, "choice")
        content = decode_text(cursor.take(cursor.number(2, "length"), "choice"))
        choices.append(Choice(id=ident, text=content))
    return Question(flags=flags, text=text, choices=tuple(choices))


def _write_question(body: Question, _version: Version) -> bytes:
    text = encode_text(body.text, "text")
    choices = [(one.id, encode_text(one.text, "choice")) for one in body.choices]
    return b"".join(
        (
            *(body.flags.to_bytes(1), len(text).to_bytes(1), text),
            *(ident.to_bytes(1) + len(said).to_bytes(2) + said for ident, said in choices),
        )
    )


def _read_question_answer(cursor: Cursor, _version: Version) -> QuestionAnswer:
    return QuestionAnswer(serial=cursor.number(2, "serial"), choice=cursor.number(1, "choice"))


def _write_question_answer(body: QuestionAnswer, _version: Version) -> bytes:
    return body.serial.to_bytes(2) + body.choice.to_bytes(1)


def _read_track(cursor: Cursor, _version: Version) -> Track:
    interval_s = cursor.number(2, "interval_s")
    # To stop, the interval stands alone.
    duration_s = cursor.number(4, "duration_s") if interval_s or cursor.left else 0
    return Track(interval_s=interval_s, duration_s=duration_s)


def _write_track(body: Track, _version: Version) -> bytes:
    if not body.interval_s and not body.duration_s:
        return body.interval_s.to_bytes(2)
    return _TRACK.pack(body.interval_s, body.duration_s)


class BodyCodec(NamedTuple):
    kind: type[Body]
    read: Callable[[Cursor, Version], Body]
    write: Callable[[Any, Version], bytes]


CODECS: Final = {
    0x0001: BodyCodec(TerminalAnswer, _read_answer(TerminalAnswer), _write_answer),
    0x0002: BodyCodec(Heartbeat, _read_empty(Heartbeat), _write_empty),
    0x0003: BodyCodec(Logout, _read_empty(Logout), _write_empty),
    0x0004: BodyCodec(TimeQuery, _read_empty(TimeQuery), _write_empty),
    0x0005: BodyCodec(TerminalResend, _read_resend(TerminalResend), _write_resend),
    0x0100: BodyCodec(Register, _read_register, _write_register),
    0x0102: BodyCodec(Authenticate, _read_authenticate, _write_authenticate),
    0x0104: BodyCodec(ParametersAnswer, _read_parameters_answer, _write_parameters_answer),
    0x0200: BodyCodec(Position, _read_position, _write_position),
    0x0201: BodyCodec(PositionAnswer, _read_position_answer, _write_position_answer),
    0x0302: BodyCodec(QuestionAnswer, _read_question_answer, _write_question_answer),
    0x0702: BodyCodec(Driver, decode_driver, encode_driver),
    0x0704: BodyCodec(PositionBatch, _read_batch, _write_batch),
    0x0800: BodyCodec(MediaEvent, decode_event, encode_event),
    MEDIA_ID: BodyCodec(Media, decode_media, encode_media),
    0x0805: BodyCodec(CameraAnswer, decode_camera_answer, encode_camera_answer),
    0x8001: BodyCodec(PlatformAnswer, _read_answer(PlatformAnswer), _write_answer),
    0x8003: BodyCodec(PlatformResend, _read_resend(PlatformResend), _write_resend),
    0x8004: BodyCodec(TimeAnswer, _read_time, _write_time),
    0x8100: BodyCodec(RegisterAnswer, _read_register_answer, _write_register_answer),
    0x8103: BodyCodec(SetParameters, _read_set_parameters, _write_set_parameters),
    0x8104: BodyCodec(QueryParameters, _read_empty(QueryParameters), _write_empty),
    0x8201: BodyCodec(QueryPosition, _read_empty(QueryPosition), _write_empty),
    0x8202: BodyCodec(Track, _read_track, _write_track),
    0x8300: BodyCodec(Text, _read_text, _write_text),
    0x8302: BodyCodec(Question, _read_question, _write_question),
    0x8702: BodyCodec(QueryDriver, _read_empty(QueryDriver), _write_empty),
    0x8800: BodyCodec(MediaAnswer, decode_media_answer, encode_media_answer),
    0x8801: BodyCodec(TakePicture, decode_take_picture, encode_take_picture),
    0x9101: BodyCodec(SendVideo, decode_send_video, encode_send_video),
}
MESSAGE_IDS: Final = {codec.kind: message_id for message_id, codec in CODECS.items()}
