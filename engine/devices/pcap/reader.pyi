from mmap import mmap

from .source import Source

class PcapFile(Source):
    link: int
    nanoseconds: bool
    def __init__(
        self, memory: bytes | bytearray | memoryview | mmap, name: str = "memory", tail: str | None = None
    ) -> None: ...
