"""pcapng, block by block, with dpkt's block formats.

dpkt's own reader knows one interface a file, has times as floats and takes a cut file for a whole one, so
the walk over sections, interfaces and packets is here. Format: draft-ietf-opsawg-pcapng.
"""

import struct
from collections.abc import Iterator
from struct import unpack_from
from typing import NamedTuple

import dpkt
from dpkt.pcapng import (
    PCAPNG_BT_EPB,
    PCAPNG_BT_IDB,
    PCAPNG_BT_PB,
    PCAPNG_BT_SHB,
    PCAPNG_BT_SPB,
    PCAPNG_OPT_IF_TSOFFSET,
    PCAPNG_OPT_IF_TSRESOL,
    EnhancedPacketBlock,
    EnhancedPacketBlockLE,
    InterfaceDescriptionBlock,
    InterfaceDescriptionBlockLE,
    PacketBlock,
    PacketBlockLE,
)

BYTE_ORDER_MAGIC = 0x1A2B3C4D
SMALLEST_BLOCK = 12
LARGEST_INTERFACE = 65536  # bytes of its description: dpkt's option parser is quadratic
NANOSECONDS = 10**9
MAX_TIME = 2**64

PACKET_BLOCKS = {
    (PCAPNG_BT_EPB, "<"): EnhancedPacketBlockLE,
    (PCAPNG_BT_EPB, ">"): EnhancedPacketBlock,
    (PCAPNG_BT_PB, "<"): PacketBlockLE,
    (PCAPNG_BT_PB, ">"): PacketBlock,
}


class BlockError(ValueError):
    """A block that does not hold what its type promises."""


class Packet(NamedTuple):
    """One packet: nanoseconds, link type, captured bytes, bytes on the wire."""

    time: int
    link: int
    data: bytes
    original: int


class Interface(NamedTuple):
    """What an interface description says that its packets need."""

    link: int
    snaplen: int
    per_second: int  # ticks
    offset: int  # seconds

    def time(self, ticks: int, before: int) -> int:
        """Nanoseconds since 1970; `before`, the time of the packet before, where they do not fit 64 bits.

        Writers that know no time have been seen to give all ones.
        """
        time = self.offset * NANOSECONDS + ticks * NANOSECONDS // self.per_second
        return time if 0 <= time < MAX_TIME else before


def _interface(block: bytes, order: str) -> Interface:
    if len(block) > LARGEST_INTERFACE:
        raise BlockError("an interface description is too long")
    try:
        described = (InterfaceDescriptionBlockLE if order == "<" else InterfaceDescriptionBlock)(block)
    except (dpkt.Error, struct.error) as error:
        raise BlockError(f"an interface description is damaged ({error})") from None
    per_second, offset = 10**6, 0
    for option in described.opts:
        if option.code == PCAPNG_OPT_IF_TSRESOL and len(option.data) >= 1:
            exponent = option.data[0]
            per_second = 2 ** (exponent & 0x7F) if exponent & 0x80 else 10**exponent
        elif option.code == PCAPNG_OPT_IF_TSOFFSET and len(option.data) >= 8:
            offset = unpack_from(order + "q", option.data)[0]
    return Interface(described.linktype, described.snaplen, per_second, offset)


def _of(interfaces: list[Interface], number: int) -> Interface:
    if number >= len(interfaces):
        raise BlockError(f"it names interface {number}, which the file does not describe")
    return interfaces[number]


def _packet(kind: int, block: bytes, order: str, interfaces: list[Interface], before: int) -> Packet:
    layout = PACKET_BLOCKS[kind, order]()
    try:
        layout.unpack_hdr(block)
    except (dpkt.Error, struct.error):
        raise BlockError("its block is too short") from None
    start = layout.__hdr_len__ - 4  # dpkt counts the length that stands at the end of the block
    data = block[start : min(start + layout.caplen, len(block) - 4)]
    if len(data) != layout.caplen:
        raise BlockError(f"its block claims {layout.caplen} bytes and holds {len(data)}")
    interface = _of(interfaces, layout.iface_id)
    time = interface.time(layout.ts_high << 32 | layout.ts_low, before)
    return Packet(time, interface.link, data, layout.pkt_len)


def _simple_packet(block: bytes, order: str, interfaces: list[Interface], before: int) -> Packet:
    """A packet without a time of its own: it has that of the packet before."""
    if len(block) < SMALLEST_BLOCK + 4:
        raise BlockError("its block is too short")
    original = unpack_from(order + "I", block, 8)[0]
    interface = _of(interfaces, 0)
    captured = min(original, interface.snaplen or original)
    data = block[12 : min(12 + captured, len(block) - 4)]
    if len(data) != captured:
        raise BlockError(f"its block claims {captured} bytes and holds {len(data)}")
    return Packet(before, interface.link, data, original)


def _byte_order(memory: memoryview, at: int) -> str:
    for order in "<>":
        if len(memory) >= at + 12 and unpack_from(order + "I", memory, at + 8)[0] == BYTE_ORDER_MAGIC:
            return order
    raise BlockError("a section header is damaged (unknown byte order)")


def _blocks(memory: memoryview) -> Iterator[tuple[int, str, bytes]]:
    """(type, byte order, whole block) of every block; BlockError where the file stops making sense."""
    at, order = 0, "<"
    while at < len(memory):
        if len(memory) - at < SMALLEST_BLOCK:
            raise BlockError("the file ends inside a block's header")
        if unpack_from("<I", memory, at)[0] == PCAPNG_BT_SHB:  # reads the same in both byte orders
            order = _byte_order(memory, at)
        kind, length = unpack_from(order + "II", memory, at)
        if length < SMALLEST_BLOCK or length % 4:
            raise BlockError(f"a block says its length is {length}")
        if length > len(memory) - at:
            raise BlockError("the file ends inside a block, or the block claims too many bytes")
        yield kind, order, bytes(memory[at : at + length])
        at += length


def packets(memory: memoryview) -> Iterator[Packet]:
    """The packets of a pcapng file in the file's order. BlockError after the last one that can be read."""
    interfaces: list[Interface] = []
    time = 0
    for kind, order, block in _blocks(memory):
        if kind == PCAPNG_BT_SHB:
            interfaces.clear()
        elif kind == PCAPNG_BT_IDB:
            interfaces.append(_interface(block, order))
        elif kind in (PCAPNG_BT_SPB, PCAPNG_BT_EPB, PCAPNG_BT_PB):
            if kind == PCAPNG_BT_SPB:
                packet = _simple_packet(block, order, interfaces, time)
            else:
                packet = _packet(kind, block, order, interfaces, time)
            time = packet.time
            yield packet
