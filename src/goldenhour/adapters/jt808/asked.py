"""What was asked of one terminal and is not answered yet."""

import asyncio
from typing import Final

from goldenhour.wire.jt808.bodies import MESSAGE_IDS
from goldenhour.wire.jt808.media import TakePicture
from goldenhour.wire.jt808.messages import Body, Question, Result, TerminalAnswer

FOLLOWED: Final = frozenset({MESSAGE_IDS[TakePicture], MESSAGE_IDS[Question]})
"""A general answer that says yes to it may be followed by the true one, 0x0805 or 0x0302. Terminals
of 2011 know no other for a picture, so it counts where nothing follows."""


class Asked:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[int, tuple[int, asyncio.Future[Body]]] = {}
        """By the serial of what was asked: its message id, and what will answer it."""
        self._taken: dict[int, Body] = {}
        """By the serial: the yes that may be followed."""

    async def wait(self, serial: int, message_id: int, answer_s: float) -> Body:
        """The answer; ConnectionError when the line broke, TimeoutError when none came."""
        answer: asyncio.Future[Body] = self._loop.create_future()
        self._waiting[serial] = message_id, answer
        try:
            async with asyncio.timeout(answer_s):
                return await answer
        except TimeoutError:
            if serial in self._taken:
                return self._taken[serial]
            raise
        finally:
            del self._waiting[serial]
            self._taken.pop(serial, None)

    def answered(self, serial: int, body: Body, message_id: int | None = None) -> None:
        """A general answer names the message that it answers; it must be that one."""
        asked_id, answer = self._waiting.get(serial, (0, None))
        if answer is None or answer.done() or message_id not in (None, asked_id):
            return
        said_yes = isinstance(body, TerminalAnswer) and body.result == Result.OK
        if said_yes and asked_id in FOLLOWED:
            self._taken[serial] = body
        else:
            answer.set_result(body)

    def answered_all(self, message_id: int, body: Body) -> None:
        """By a message that names no serial: it answers whoever asked that."""
        for asked_id, answer in self._waiting.values():
            if asked_id == message_id and not answer.done():
                answer.set_result(body)

    def broke(self) -> None:
        for _id, answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the line broke"))
