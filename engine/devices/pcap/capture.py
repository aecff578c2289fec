"""Opening a capture file: what it is, is found out from its first bytes, never from its name."""

import contextlib
import mmap
import os
import zlib
from collections.abc import Iterable
from stat import S_ISREG

import zstandard

from engine.errors import CaptureError

from . import link, pcapng
from .reader import PcapFile
from .source import FrameList, Source

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"

DEFAULT_LIMIT = 1 << 30  # bytes a compressed file may grow to in memory
STEP = 1 << 20
GZIP_PIECE = 1 << 16
ZSTD_PIECE = 1 << 10  # decompressobj() has no limit of its own: 4 bytes may say 128 KiB
GZIP_ONLY = 31  # zlib's code for: a gzip header, nothing else
MAX_FRAME = 262144
MAX_NESTING = 2  # .pcap.gz in .zst happens; a quine of compressed files must end


def open_capture(path: str | os.PathLike[str], limit: int = DEFAULT_LIMIT) -> Source:
    """A Source over a pcap or pcapng file, plain or compressed by gzip or zstd.

    A plain pcap of Ethernet frames is mapped and read in place, everything else is decoded into memory, at
    most `limit` bytes of it. Frames of other link types become Ethernet frames. CaptureError: not there,
    not a capture, or too large; damage further on is raised by the Source once the frames before it are
    out. The file must not be made shorter while it is read.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if not S_ISREG(status.st_mode):
                memory: mmap.mmap | bytes = _bounded(name, file.read(limit + 1), limit)
            elif status.st_size == 0:
                raise CaptureError(name, "the file is empty")
            else:
                memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                memory.madvise(mmap.MADV_SEQUENTIAL)
    except OSError as error:
        raise CaptureError(name, error.strerror or str(error)) from None
    return _open_memory(name, memory, limit)


def _bounded(name: str, memory: bytes, limit: int) -> bytes:
    if len(memory) > limit:
        raise CaptureError(name, f"more than {limit} bytes")
    return memory


def _open_memory(name: str, memory: mmap.mmap | bytes, limit: int) -> Source:
    tail = None
    for _ in range(MAX_NESTING):
        if memory[:2] == GZIP_MAGIC:
            memory, tail = _gunzip(memory, limit)
        elif memory[:4] == ZSTD_MAGIC:
            memory, tail = _unzstd(memory, limit)
    if memory[:4] == PCAPNG_MAGIC:
        return _decoded(name, pcapng.packets(memoryview(memory)), tail)
    capture = PcapFile(memory, name, tail)
    if capture.link == link.ETHERNET:
        return capture
    if capture.link not in link.SUPPORTED:
        raise CaptureError(name, f"link type {capture.link} is not supported")
    return _decoded(name, _of_pcap(capture), tail)


def _of_pcap(capture: PcapFile) -> Iterable[pcapng.Packet]:
    try:
        for time, data, original, _ in capture:
            yield pcapng.Packet(time, capture.link, data, original)
    except CaptureError as error:
        raise pcapng.BlockError(error.reason) from None


def _decoded(name: str, packets: Iterable[pcapng.Packet], tail: str | None) -> FrameList:
    """All frames up to the first that cannot be read; the FrameList's tail says why that one cannot."""
    frames, times, original, flags = [], [], [], []
    try:
        for packet in packets:
            if len(packet.data) > MAX_FRAME:
                raise pcapng.BlockError(f"its record claims more than {MAX_FRAME} bytes")
            frame, grown = link.to_ethernet(packet.link, packet.data)
            frames.append(frame)
            times.append(packet.time)
            original.append(min(max(packet.original + grown, 0), 0xFFFFFFFF))
            flags.append(link.FRAME_NO_MAC if packet.link != link.ETHERNET else 0)
    except (pcapng.BlockError, link.LinkError) as error:
        tail = tail or str(error)
    return FrameList(frames, times, original=original, flags=flags, name=name, tail=tail)


def _pieces(memory: mmap.mmap | bytes, at: int, size: int) -> Iterable[bytes]:
    while at < len(memory):
        yield memory[at : at + size]
        at += size


def _gunzip(memory: mmap.mmap | bytes, limit: int) -> tuple[bytes, str | None]:
    """What the gzip members hold, and why it ends early, if it does."""
    out = bytearray()
    stream = zlib.decompressobj(wbits=GZIP_ONLY)
    for piece in _pieces(memory, 0, GZIP_PIECE):
        while piece:
            if stream.eof:
                stream = zlib.decompressobj(wbits=GZIP_ONLY)
            before = stream.copy()
            try:
                out += stream.decompress(piece, STEP)
            except zlib.error as error:
                out += _up_to_damage(before, piece)
                return bytes(out[:limit]), f"the gzip stream is damaged ({error})"
            if len(out) > limit:
                return bytes(out[:limit]), f"decompressed it has more than {limit} bytes"
            piece = stream.unused_data if stream.eof else stream.unconsumed_tail
    return bytes(out), None if stream.eof else "the gzip stream is cut off"


def _up_to_damage(stream: "zlib._Decompress", piece: bytes) -> bytes:
    """What decompress() had made of the piece when it raised, and then threw away."""
    out = bytearray()
    with contextlib.suppress(zlib.error):
        for byte in piece:
            out += stream.decompress(bytes((byte,)))
    return bytes(out)


def _unzstd(memory: mmap.mmap | bytes, limit: int) -> tuple[bytes, str | None]:
    """What the zstd frames hold, and why it ends early, if it does."""
    out = bytearray()
    stream = zstandard.ZstdDecompressor().decompressobj()
    try:
        for piece in _pieces(memory, 0, ZSTD_PIECE):
            while piece:
                if stream.eof:
                    stream = zstandard.ZstdDecompressor().decompressobj()
                out += stream.decompress(piece)
                if len(out) > limit:
                    return bytes(out[:limit]), f"decompressed it has more than {limit} bytes"
                piece = stream.unused_data if stream.eof else b""
    except zstandard.ZstdError as error:
        return bytes(out), f"the zstd stream is damaged ({error})"
    return bytes(out), None if stream.eof else "the zstd stream is cut off"
