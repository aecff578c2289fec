from collections.abc import Iterable, Iterator, Sequence

class Source:
    name: str
    tail: str | None
    def rewind(self) -> None: ...
    def check(self) -> None: ...
    def count(self) -> tuple[int, int]: ...
    def __iter__(self) -> Iterator[tuple[int, bytes, int, int]]: ...

class FrameList(Source):
    def __init__(
        self,
        frames: Iterable[bytes | bytearray | memoryview],
        times: Sequence[int] | None = None,
        *,
        start: int = 0,
        step: int = ...,
        original: Sequence[int] | None = None,
        flags: Sequence[int] | None = None,
        name: str = "frames",
        tail: str | None = None,
    ) -> None: ...
    def __len__(self) -> int: ...
