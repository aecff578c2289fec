# cython: language_level=3
"""Frames that come from outside, one after the other, whatever file or list they came from.

A node that feeds frames into the graph holds a pointer to a source's state and calls
source_advance(); Python is needed only to open a source and to raise what broke it:

    cdef source_t *state = &source.state        # the Source object must outlive the pointer
    while source_advance(state) == SOURCE_FRAME:
        ... state.frame.data, state.frame.captured, state.frame.time ...
    source.check()                              # with the GIL: raises CaptureError where it ended SOURCE_BROKEN

To merge several sources by time, look at state.frame.time of each and advance the one that was taken.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    uint32_t bswap32 "__builtin_bswap32"(uint32_t) noexcept nogil
    void prefetch_line "__builtin_prefetch"(const void *) noexcept nogil

cdef enum:
    MAX_FRAME = 262144          # bytes; what libpcap takes as the largest snapshot length
    RECORD_HEADER = 16          # bytes in front of each packet of a classic pcap file

# What source_advance() says.
cdef enum:
    SOURCE_END = 0
    SOURCE_FRAME = 1
    SOURCE_BROKEN = -1

# Why a source is broken; source.pyx has the words.
cdef enum:
    BROKEN_NOT = 0
    BROKEN_HEADER_CUT = 1       # the file ends inside a record's header
    BROKEN_DATA_CUT = 2         # the file ends inside a frame
    BROKEN_TOO_LONG = 3         # a record claims more than MAX_FRAME bytes
    BROKEN_TAIL = 4             # Source.tail says what: the stream behind the file failed here

# flags of a frame
cdef enum:
    FRAME_NO_MAC = 1            # synthetic Ethernet header: destination is zero, the interface writes its own

ctypedef struct source_frame_t:
    uint64_t time               # nanoseconds since 1970
    const uint8_t *data         # valid as long as the Source lives
    uint32_t captured           # bytes at data
    uint32_t original           # bytes the frame had on the wire
    uint32_t flags              # FRAME_*

# Two layouts behind one state: `frames` is an index over decoded memory, or else `at` walks
# the records of a classic pcap file where they lie.
ctypedef struct source_t:
    source_frame_t frame        # the one that source_advance() found
    const source_frame_t *frames
    uint64_t n_frames
    uint64_t number             # frames delivered so far
    const uint8_t *at
    const uint8_t *end
    uint32_t tick               # nanoseconds of one unit of the record's second word
    bint swapped                # the file has the other byte order
    int tail                    # BROKEN_*: what comes after the last good frame
    int broken                  # BROKEN_*: set when source_advance() gives SOURCE_BROKEN


cdef class Source:
    cdef source_t state
    cdef readonly str name      # the file, as errors name it
    cdef readonly str tail      # words for BROKEN_TAIL
    cdef object owner           # keeps the memory of the frames alive

    cpdef void rewind(self)
    cpdef check(self)


cdef inline int source_fail(source_t *s, int reason) noexcept nogil:
    s.broken = reason
    return SOURCE_BROKEN


cdef inline int source_finish(source_t *s) noexcept nogil:
    if s.tail != BROKEN_NOT:
        return source_fail(s, s.tail)
    return SOURCE_END


cdef inline int _advance_index(source_t *s) noexcept nogil:
    if s.number >= s.n_frames:
        return source_finish(s)
    s.frame = s.frames[s.number]
    s.number += 1
    return SOURCE_FRAME


cdef inline int _advance_classic(source_t *s) noexcept nogil:
    cdef uint64_t left = <uint64_t>(s.end - s.at)
    cdef uint32_t word[4]                       # seconds, fraction, captured, original
    cdef uint32_t i
    if left < RECORD_HEADER:
        return source_finish(s) if left == 0 else source_fail(s, s.tail or BROKEN_HEADER_CUT)
    memcpy(word, s.at, RECORD_HEADER)
    if s.swapped:
        for i in range(4):
            word[i] = bswap32(word[i])
    if word[2] > MAX_FRAME:
        return source_fail(s, BROKEN_TOO_LONG)
    if word[2] > left - RECORD_HEADER:
        return source_fail(s, s.tail or BROKEN_DATA_CUT)
    s.frame.time = <uint64_t>word[0] * 1000000000 + <uint64_t>word[1] * s.tick
    s.frame.data = s.at + RECORD_HEADER
    s.frame.captured = word[2]
    s.frame.original = word[3]
    s.frame.flags = 0
    s.at += RECORD_HEADER + word[2]
    s.number += 1
    return SOURCE_FRAME


cdef inline int source_advance(source_t *s) noexcept nogil:
    """Put the next frame into s.frame. SOURCE_FRAME, SOURCE_END or SOURCE_BROKEN, the last two for ever."""
    if s.frames != NULL:
        return _advance_index(s)
    return _advance_classic(s)
