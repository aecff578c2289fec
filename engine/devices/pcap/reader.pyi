from typing import BinaryIO

from .source import Source

class ClassicPcap(Source):
    link: int
    nanoseconds: bool

class PcapMemory(ClassicPcap):
    def __init__(
        self, memory: bytes | bytearray | memoryview, name: str = "memory", tail: str | None = None
    ) -> None: ...

class PcapFile(ClassicPcap):
    def __init__(self, file: BinaryIO, name: str) -> None: ...
    def fileno(self) -> int: ...
