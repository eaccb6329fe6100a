"""What was asked of one terminal and is not answered yet."""

import asyncio

from goldenhour.wire.jt808.messages import Body


class Asked:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[int, tuple[int, asyncio.Future[Body]]] = {}
        """By the serial of what was asked: its message id, and what will answer it."""

    async def wait(self, serial: int, message_id: int) -> Body:
        """The answer; ConnectionError when the line broke."""
        answer: asyncio.Future[Body] = self._loop.create_future()
        self._waiting[serial] = message_id, answer
        try:
            return await answer
        finally:
            del self._waiting[serial]

    def answered(self, serial: int, body: Body, message_id: int | None = None) -> None:
        """A general answer names the message that it answers; it must be that one."""
        asked_id, answer = self._waiting.get(serial, (0, None))
        if answer is not None and not answer.done() and message_id in (None, asked_id):
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
