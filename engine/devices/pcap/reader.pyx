"""Classic pcap: read where it lies in memory, or piece by piece from a file."""

import os

from libc.errno cimport EINTR, errno
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memmove
from posix.unistd cimport pread

from .source cimport BROKEN_NOT, BROKEN_READ, BROKEN_TAIL, MAX_FRAME, RECORD_HEADER, Source, bswap32, source_t

from engine.errors import CaptureError

cdef enum:
    FILE_HEADER = 24
    MAGIC_MICROSECONDS = 0xa1b2c3d4U
    MAGIC_NANOSECONDS = 0xa1b23c4dU
    LINK_MASK = 0xffff          # the bits above say whether frames have a checksum at their end
    WINDOW = 2 * MAX_FRAME      # bytes: any record fits, and the processor's cache holds it


cdef class ClassicPcap(Source):
    """The records of a classic pcap, in both byte orders, microseconds and nanoseconds.

    The frames are what the file holds, in its own link type; capture.open_capture() turns others into Ethernet.
    A file that is cut off or lies about a length gives all frames in front of that place, and then is broken.
    Raises CaptureError when this is no pcap file. Format: draft-ietf-opsawg-pcap.
    """

    cdef read_header(self, const uint8_t* header, size_t size):
        cdef uint32_t magic
        cdef uint32_t link
        cdef uint16_t major
        if size < FILE_HEADER:
            raise CaptureError(self.name, self.tail or "too short for a pcap file")
        memcpy(&magic, header, sizeof(magic))
        memcpy(&link, header + 20, sizeof(link))
        memcpy(&major, header + 4, sizeof(major))
        self.state.swapped = magic != MAGIC_MICROSECONDS and magic != MAGIC_NANOSECONDS
        if self.state.swapped:
            magic = bswap32(magic)
            link = bswap32(link)
            major = <uint16_t>(major << 8 | major >> 8)
        if magic != MAGIC_MICROSECONDS and magic != MAGIC_NANOSECONDS:
            raise CaptureError(self.name, "not a pcap file (unknown magic number)")
        if major != 2:
            raise CaptureError(self.name, f"pcap version {major} is not known")
        self.nanoseconds = magic == MAGIC_NANOSECONDS
        self.link = link & LINK_MASK
        self.state.tick = 1 if self.nanoseconds else 1000


cdef class PcapMemory(ClassicPcap):
    """A classic pcap in memory, such as what was decompressed.

    memory: anything with a contiguous buffer. name: the file, for errors.
    tail: why the memory ends before the file does, where a stream behind it failed.
    """

    def __cinit__(self, memory, str name="memory", tail=None):
        self.name, self.tail = name, tail
        if len(memory) == 0:
            self.read_header(NULL, 0)
        self.view = memory
        self.owner = memory
        self.read_header(&self.view[0], self.view.shape[0])
        self.state.end = &self.view[0] + self.view.shape[0]
        if tail is not None:
            self.state.tail = BROKEN_TAIL
        self.rewind()

    cpdef void rewind(self):
        """Go back to the first frame."""
        Source.rewind(self)
        self.state.at = &self.view[0] + FILE_HEADER


cdef bint read_on(source_t* s) noexcept nogil:
    """Keep what was not taken yet, and fill the window behind it."""
    cdef window_t* window = <window_t*> s.window
    cdef size_t kept = <size_t>(s.end - s.at)
    cdef ssize_t got
    memmove(window.memory, s.at, kept)
    s.at, s.end = window.memory, window.memory + kept
    while True:
        got = pread(window.fd, window.memory + kept, WINDOW - kept, <long> window.offset)
        if got >= 0 or errno != EINTR:
            break
    if got < 0:
        s.tail = BROKEN_READ
        return False
    s.end += got
    window.offset += <uint64_t> got
    return got != 0


cdef class PcapFile(ClassicPcap):
    """A classic pcap on a disk, of any size, of which one piece is in memory at a time.

    A mapped file would kill the process when somebody made it shorter; this one is just cut off then, and one
    that grows is read to where it ends at that time. file: open for reading, stays the caller's.
    """

    def __cinit__(self, file, str name):
        self.name = name
        self.window.fd = -1
        self.window.fd = os.dup(file.fileno())
        self.window.memory = <uint8_t*> malloc(WINDOW)
        if self.window.memory == NULL:
            raise MemoryError("no memory to read a capture")
        header = os.pread(self.window.fd, FILE_HEADER, 0)
        self.read_header(header, len(header))
        self.state.refill = read_on
        self.state.window = &self.window
        self.rewind()

    def __dealloc__(self):
        free(self.window.memory)
        if self.window.fd >= 0:
            os.close(self.window.fd)

    def fileno(self) -> int:
        """The descriptor it reads from."""
        return self.window.fd

    cpdef void rewind(self):
        """Go back to the first frame."""
        Source.rewind(self)
        self.state.tail = BROKEN_NOT
        self.state.at = self.state.end = self.window.memory
        self.window.offset = FILE_HEADER
