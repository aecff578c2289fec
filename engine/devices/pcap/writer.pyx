"""Classic pcap, written from C memory through one large buffer."""

import os

from libc.errno cimport EBADF, EINTR, ENOMEM, errno
from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

from .reader import PcapFile

cdef extern from "unistd.h" nogil:
    ssize_t os_write "write"(int fd, const void *data, size_t n)

cdef enum:
    BUFFER = 262144             # bytes; at least one record
    MAGIC_MICROSECONDS = 0xa1b2c3d4U
    MAGIC_NANOSECONDS = 0xa1b23c4dU
    ETHERNET = 1
    SECOND = 1000000000

ctypedef packed struct file_header_t:
    uint32_t magic
    uint16_t major
    uint16_t minor
    uint32_t zone
    uint32_t accuracy
    uint32_t snaplen
    uint32_t link

ctypedef packed struct record_header_t:
    uint32_t seconds
    uint32_t fraction
    uint32_t captured
    uint32_t original


cdef void _drain(pcap_writer_t *w) noexcept nogil:
    cdef size_t done = 0
    cdef ssize_t n
    while done < w.used and w.error == 0:
        n = os_write(w.fd, w.buffer + done, w.used - done)
        if n >= 0:
            done += n
        elif errno != EINTR:
            w.error = errno
    w.used = 0


cdef bint _reserve(pcap_writer_t *w, size_t n) noexcept nogil:
    """Room for n more bytes; not on the path of every packet, the buffer holds hundreds."""
    cdef uint8_t *larger
    if w.error == 0 and w.size - w.used < n:
        if w.fd >= 0:
            _drain(w)
        else:
            larger = <uint8_t *>realloc(w.buffer, 2 * w.size)
            if larger == NULL:
                w.error = ENOMEM
            else:
                w.buffer = larger
                w.size *= 2
    return w.error == 0


cdef void writer_begin(pcap_writer_t *w, uint64_t time, uint32_t length) noexcept nogil:
    """Begin a frame of `length` bytes; time in nanoseconds since 1970, its seconds wrap in 2106."""
    cdef record_header_t header
    w.count += 1
    w.room = 0
    if not _reserve(w, sizeof(header) + w.snaplen):
        return
    w.room = length if length < w.snaplen else w.snaplen
    header.seconds = <uint32_t>(time // SECOND)
    header.fraction = <uint32_t>(time % SECOND // w.tick)
    header.captured = w.room
    header.original = length
    memcpy(w.buffer + w.used, &header, sizeof(header))
    w.used += sizeof(header)


cdef void writer_add(pcap_writer_t *w, const void *data, uint32_t n) noexcept nogil:
    """The next piece of the frame begun. What is beyond the snapshot length, or its own, is left out."""
    if n > w.room:
        n = w.room
    if n == 0:
        return
    memcpy(w.buffer + w.used, data, n)
    w.used += n
    w.room -= n


cdef class PcapWriter:
    """A pcap file of Ethernet frames, little endian.

    path: where to; None keeps it in memory: bytes(writer) is the file, frames() and records() its content.
    nanoseconds: the unit of its times, else microseconds. snaplen: bytes of each frame that are kept, up to 65535.
    OSError when the file cannot be made or has no room, and from flush() and close() when it could not be written.
    """

    def __cinit__(self, path=None, *, nanoseconds=False, snaplen=SNAPLEN):
        cdef file_header_t header
        self.state.fd = -1
        self.state.buffer = <uint8_t *>malloc(BUFFER)
        if self.state.buffer == NULL:
            raise MemoryError
        self.state.size = BUFFER
        self.name = "memory" if path is None else os.fspath(path)
        self.nanoseconds = nanoseconds
        self.state.tick = 1 if nanoseconds else 1000
        header.magic = MAGIC_NANOSECONDS if nanoseconds else MAGIC_MICROSECONDS
        header.major = 2
        header.minor = 4
        header.zone = header.accuracy = 0
        header.snaplen = self.state.snaplen = min(snaplen, SNAPLEN)
        header.link = ETHERNET
        memcpy(self.state.buffer, &header, sizeof(header))
        self.state.used = sizeof(header)
        if path is not None:
            self.state.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
            self.flush()                # a capture whose writer is killed can be read all the same

    def __dealloc__(self):
        if self.state.fd >= 0:
            _drain(&self.state)
            os.close(self.state.fd)
        free(self.state.buffer)

    @property
    def count(self):
        """Frames written."""
        return self.state.count

    cpdef void append(self, frame, uint64_t time) except *:
        """Append one frame from Python; time in nanoseconds. ValueError when the writer is closed."""
        cdef const uint8_t[::1] view
        if self.state.buffer == NULL:
            raise ValueError("the writer is closed")
        writer_begin(&self.state, time, len(frame))
        if len(frame):
            view = frame
            writer_add(&self.state, &view[0], len(frame))
        self._check()

    cpdef flush(self):
        """Hand everything to the operating system; OSError when that fails, or failed before."""
        if self.state.fd >= 0:
            with nogil:
                _drain(&self.state)
        self._check()

    cpdef close(self):
        """Flush and close; once is enough, more does no harm. What memory holds stays readable."""
        cdef int fd = self.state.fd
        if fd >= 0:
            try:
                self.flush()
            finally:
                self.state.fd = -1
                self.state.room = 0
                self.state.error = EBADF        # a node that still holds the state writes nothing more
                os.close(fd)
                free(self.state.buffer)
                self.state.buffer = NULL

    def _check(self):
        if self.state.error:
            raise OSError(self.state.error, os.strerror(self.state.error), self.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __bytes__(self):
        if self.state.fd >= 0 or self.state.buffer == NULL:
            raise ValueError("the frames went to a file")
        return self.state.buffer[:self.state.used]

    def records(self):
        """(time in ns, frame) of every frame kept in memory, in order."""
        return [(time, frame) for time, frame, _, _ in PcapFile(bytes(self), self.name)]

    def frames(self):
        """The frames kept in memory, in order."""
        return [frame for _, frame in self.records()]
