"""The messages that we know, as values; every other id is `Raw`.

Rule 1: a field that one edition lacks has its empty value in that edition.
Rule 2: these are the wire's facts; what they mean for a vehicle is decided elsewhere.
"""

from enum import IntEnum
from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.jt808.driver import Driver
from goldenhour.wire.jt808.media import (
    CameraAnswer,
    Media,
    MediaAnswer,
    MediaEvent,
    TakePicture,
)
from goldenhour.wire.jt808.position import Position
from goldenhour.wire.jt808.values import Version
from goldenhour.wire.jt808.video import SendVideo

_TEXT_URGENT_2013: Final = 0b01
_TEXT_SERVICE_2019: Final = 0b01
_TEXT_URGENT_2019: Final = 0b10
READ: Final = 1
"""The choice that says so."""
_CONFIRM: Final = "请确认已读："
_QUESTION_BYTES: Final = 120
"""A display's worth; the field holds 255."""
_TEXT_DISPLAY: Final = 0b100
_TEXT_SPEAK: Final = 0b1000


class Result(IntEnum):
    """Of 0x0001 and 0x8001."""

    OK = 0
    FAILED = 1
    BAD_MESSAGE = 2
    UNSUPPORTED = 3
    ALARM_CONFIRMED = 4


class RegisterResult(IntEnum):
    OK = 0
    VEHICLE_TAKEN = 1
    NO_VEHICLE = 2
    TERMINAL_TAKEN = 3
    NO_TERMINAL = 4


class TextKind(IntEnum):
    """2019 only; NONE in 2013."""

    NONE = 0
    NOTICE = 1
    SERVICE = 2


class BatchKind(IntEnum):
    NORMAL = 0
    CATCH_UP = 1


class TerminalAnswer(Record):
    """0x0001. `result` is a bare number, since terminals send others than the standard's."""

    serial: int
    message_id: int
    result: int


class PlatformAnswer(Record):
    """0x8001."""

    serial: int
    message_id: int
    result: int


class Heartbeat(Record):
    """0x0002."""


class Logout(Record):
    """0x0003."""


class TimeQuery(Record):
    """0x0004, of 2019."""


class TimeAnswer(Record):
    """0x8004, of 2019."""

    at_ms: int | None


class TerminalResend(Record):
    """0x0005: the terminal asks us for sub-packages again."""

    first_serial: int
    indices: tuple[int, ...]


class PlatformResend(Record):
    """0x8003: we ask the terminal for sub-packages again."""

    first_serial: int
    indices: tuple[int, ...]


class Register(Record):
    """0x0100."""

    province: int
    city: int
    maker: str
    model: str
    terminal_id: str
    plate_colour: int
    plate: str
    short_model: bool = False
    """The model has 8 bytes, as in the edition of 2011, whose header is that of 2013."""


class RegisterAnswer(Record):
    """0x8100."""

    serial: int
    result: int
    key: str = ""
    """The authentication code; only with result 0."""


class Authenticate(Record):
    """0x0102."""

    key: str
    imei: str = ""
    software: str = ""


class PositionAnswer(Record):
    """0x0201: the answer to 0x8201."""

    serial: int
    position: Position


class PositionBatch(Record):
    """0x0704."""

    kind: int
    positions: tuple[Position, ...]


class QueryDriver(Record):
    """0x8702, answered by 0x0702."""


class Parameter(Record):
    parameter_id: int
    data: bytes


class SetParameters(Record):
    """0x8103."""

    parameters: tuple[Parameter, ...]


class QueryParameters(Record):
    """0x8104: all of them."""


class ParametersAnswer(Record):
    """0x0104."""

    serial: int
    count: int
    """As the terminal counts; some count wrongly, so the parameters are read to the end."""
    parameters: tuple[Parameter, ...]


class Text(Record):
    """0x8300. The flags of the two editions differ: see `show_and_speak`."""

    flags: int
    text: str
    kind: int = TextKind.NONE


class Choice(Record):
    id: int
    text: str


class Question(Record):
    """0x8302, of 2013: a question that stands on the display until one answer is pressed."""

    flags: int
    text: str
    choices: tuple[Choice, ...]


class QuestionAnswer(Record):
    """0x0302, of 2013: which answer was pressed."""

    serial: int
    choice: int


class QueryPosition(Record):
    """0x8201."""


class Track(Record):
    """0x8202: report every `interval_s` for `duration_s`; an interval of 0 stops it."""

    interval_s: int
    duration_s: int


class Raw(Record):
    """A message whose id we do not know, or one sub-package of any message."""

    message_id: int
    data: bytes


Body = (
    TerminalAnswer
    | PlatformAnswer
    | Heartbeat
    | Logout
    | TimeQuery
    | TimeAnswer
    | TerminalResend
    | PlatformResend
    | Register
    | RegisterAnswer
    | Authenticate
    | Position
    | PositionAnswer
    | PositionBatch
    | QueryDriver
    | Driver
    | SetParameters
    | QueryParameters
    | ParametersAnswer
    | Text
    | Question
    | QuestionAnswer
    | QueryPosition
    | Track
    | MediaEvent
    | Media
    | MediaAnswer
    | TakePicture
    | CameraAnswer
    | SendVideo
    | Raw
)


def show_and_speak(text: str, version: Version, *, urgent: bool) -> Text:
    """A text that the terminal displays and reads out."""
    if version is Version.V2019:
        urgency = _TEXT_URGENT_2019 if urgent else _TEXT_SERVICE_2019
        kind = TextKind.NOTICE if urgent else TextKind.SERVICE
    else:
        urgency = _TEXT_URGENT_2013 if urgent else 0
        kind = TextKind.NONE
    return Text(flags=urgency | _TEXT_DISPLAY | _TEXT_SPEAK, kind=kind, text=text)


def confirm_reading(text: str) -> Question:
    """Asks the driver to press that they have read it; the beginning of the text says which."""
    fits = ""
    for letter in text:
        if len((_CONFIRM + fits + letter).encode("gbk", errors="replace")) > _QUESTION_BYTES:
            break
        fits += letter
    return Question(
        flags=_TEXT_SPEAK, text=_CONFIRM + fits, choices=(Choice(id=READ, text="已读"),)
    )
