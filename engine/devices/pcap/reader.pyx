"""Classic pcap, read where it lies."""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy

from .source cimport BROKEN_TAIL, Source, bswap32

from engine.errors import CaptureError

cdef enum:
    FILE_HEADER = 24
    MAGIC_MICROSECONDS = 0xa1b2c3d4U
    MAGIC_NANOSECONDS = 0xa1b23c4dU
    LINK_MASK = 0xffff          # the bits above say whether frames have a checksum at their end


cdef class PcapFile(Source):
    """A classic pcap in memory: a mapped file, or what was decompressed from one.

    Both byte orders, microseconds and nanoseconds. The frames are what the file holds, in its own link
    type; capture.open_capture() turns others into Ethernet. A file that is cut off or lies about a length
    gives all frames in front of that place, and then is broken.

    memory: anything with a contiguous buffer. name: the file, for errors.
    tail: why the memory ends before the file does, where a stream behind it failed.
    Raises CaptureError when this is no pcap file. Format: draft-ietf-opsawg-pcap.
    """

    def __cinit__(self, memory, str name="memory", tail=None):
        cdef uint32_t magic
        cdef uint32_t link
        cdef uint16_t major
        if len(memory) < FILE_HEADER:
            raise CaptureError(name, tail or "too short for a pcap file")
        self.view = memory
        self.owner = memory
        self.name = name
        self.tail = tail
        memcpy(&magic, &self.view[0], sizeof(magic))
        memcpy(&link, &self.view[20], sizeof(link))
        self.state.swapped = magic != MAGIC_MICROSECONDS and magic != MAGIC_NANOSECONDS
        if self.state.swapped:
            magic = bswap32(magic)
            link = bswap32(link)
        if magic != MAGIC_MICROSECONDS and magic != MAGIC_NANOSECONDS:
            raise CaptureError(name, "not a pcap file (unknown magic number)")
        memcpy(&major, &self.view[4], sizeof(major))
        if self.state.swapped:
            major = <uint16_t>(major << 8 | major >> 8)
        if major != 2:
            raise CaptureError(name, f"pcap version {major} is not known")
        self.nanoseconds = magic == MAGIC_NANOSECONDS
        self.link = link & LINK_MASK
        self.state.tick = 1 if self.nanoseconds else 1000
        self.state.end = &self.view[0] + self.view.shape[0]
        if tail is not None:
            self.state.tail = BROKEN_TAIL
        self.rewind()

    cpdef void rewind(self):
        """Go back to the first frame."""
        Source.rewind(self)
        self.state.at = &self.view[0] + FILE_HEADER
