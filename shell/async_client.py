"""The control socket, from the side of an asyncio program."""

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any, Self

from engine.server.protocol import REQUEST, Decoder, ProtocolError, Response, pack

from .client import CHUNK, RemoteError, UnreachableError, of
from .messages import Messages
from .reply import Reply, reachable

AsyncMessages = Messages[Awaitable[Reply], Awaitable[list[Reply]], Awaitable[tuple[Reply, list[Reply]]]]


class AsyncClient:
    """A connection to an engine; many calls may be under way at once, and are answered in the order they were made.

        async with await AsyncClient.connect("/run/user/1000/vppengine.sock") as client:
            print(await client.cli("show interface"))
            acls, routes = await asyncio.gather(
                client.api.acl_dump(), client.api.ip_route_dump(table={"table_id": 0})
            )

    Attributes:
        api: the binary API's messages as coroutines: `await client.api.acl_del(acl_index=3)`.
    """

    def __init__(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.path = path
        self.api: AsyncMessages = Messages(self._message)
        self._writer = writer
        self._next_id = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._broken: UnreachableError | None = None
        self._listener = asyncio.create_task(self._listen(reader))

    @classmethod
    async def connect(cls, path: str) -> Self:
        """Connect to the socket at the path. Raises UnreachableError when nobody listens there."""
        try:
            return cls(path, *await asyncio.open_unix_connection(path))
        except (OSError, ValueError) as error:
            raise UnreachableError(f"cannot connect to {path}: {getattr(error, 'strerror', None) or error}") from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up; calls that wait end with UnreachableError. The engine goes on."""
        self._listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listener
        self._give_up(UnreachableError("the connection was closed"))
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def call(self, method: str, /, **fields: Any) -> Any:
        """Call a method with named fields, and return its result.

        Raises:
            RemoteError: the engine refused.
            UnreachableError: the connection broke.
        """
        if self._broken is not None:
            raise self._broken
        self._next_id += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._next_id] = answer
        msgid = self._next_id
        try:
            self._writer.write(pack([REQUEST, msgid, method, [fields]]))
            await self._writer.drain()
            return await answer
        except OSError as error:
            raise UnreachableError(f"the connection to {self.path} broke: {error.strerror or error}") from error
        finally:
            self._waiting.pop(msgid, None)

    async def cli(self, line: str, node: str | None = None) -> str:
        """What a CLI line prints; an error is the text VPP prints for it. node: of a lab, else its first."""
        return str((await self.call("cli_inband", cmd=line, **of(node)))["reply"])

    async def data(self, line: str, node: str | None = None) -> Any:
        """The data behind a CLI line's output. Raises RemoteError when the line was refused."""
        return await self.call("cli_data", cmd=line, **of(node))

    async def complete(self, text: str, node: str | None = None) -> list[tuple[str, str]]:
        """What the last word of `text` could be: (word, one line about it)."""
        return [(word, about) for word, about in await self.call("complete", text=text, **of(node))]

    async def _message(self, name: str, /, **fields: Any) -> Any:
        return reachable(await self.call(name, **fields))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Hand answers to those who wait for them, until the connection ends."""
        decoder = Decoder()
        try:
            while data := await reader.read(CHUNK):
                for message in decoder.feed(data):
                    if isinstance(message, Response):
                        self._answer(message)
            self._give_up(UnreachableError("the engine has closed the connection"))
        except OSError as error:
            self._give_up(UnreachableError(f"the connection to {self.path} broke: {error.strerror or error}"))
        except ProtocolError as error:
            self._give_up(UnreachableError(f"{self.path} does not speak the protocol: {error}"))

    def _answer(self, response: Response) -> None:
        answer = self._waiting.get(response.msgid)
        if answer is None or answer.done():
            return  # whoever asked has given up
        if response.error is None:
            answer.set_result(response.result)
        else:
            answer.set_exception(RemoteError(response.error))

    def _give_up(self, error: UnreachableError) -> None:
        """Nothing more will be answered."""
        self._broken = self._broken or error
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(error)
