"""Source, the base of everything that hands frames in, and FrameList, frames from memory."""

from libc.stdlib cimport calloc, free

from engine.errors import CaptureError

_WORDS = {
    BROKEN_HEADER_CUT: "the file ends inside the record's header",
    BROKEN_DATA_CUT: "the file ends inside the frame, or its record claims too many bytes",
    BROKEN_TOO_LONG: f"its record claims more than {MAX_FRAME} bytes",
}

DEFAULT_STEP = 1_000_000


cdef class Source:
    """Frames one after the other, each with its time.

    Iterating gives (time in ns, frame, original length, flags) from the first frame on, and raises
    CaptureError after the last good frame of a source that is broken.
    """

    cpdef void rewind(self):
        """Go back to the first frame."""
        self.state.number = 0
        self.state.broken = BROKEN_NOT

    cpdef check(self):
        """Raise CaptureError when the last source_advance() said SOURCE_BROKEN."""
        cdef int broken = self.state.broken
        if broken != BROKEN_NOT:
            reason = self.tail if broken == BROKEN_TAIL else _WORDS[broken]
            raise CaptureError(self.name, reason, self.state.number + 1)

    def count(self):
        """(frames, bytes) up to the end, or up to what cannot be read; goes back to the first frame after."""
        cdef uint64_t frames = 0
        cdef uint64_t octets = 0
        self.rewind()
        with nogil:
            while source_advance(&self.state) == SOURCE_FRAME:
                frames += 1
                octets += self.state.frame.captured
        self.rewind()
        return frames, octets

    def __iter__(self):
        cdef source_frame_t *frame = &self.state.frame
        self.rewind()
        while source_advance(&self.state) == SOURCE_FRAME:
            yield frame.time, frame.data[:frame.captured], frame.original, frame.flags
        self.check()


cdef class FrameList(Source):
    """Frames from a list.

    frames: bytes-like, each at most MAX_FRAME bytes (else ValueError).
    times: nanoseconds, one a frame; without it they are `step` apart, from `start` on.
    original: lengths on the wire, one a frame; without it the lengths of the frames.
    flags: FRAME_*, one a frame.
    tail: when given, the source is broken behind its last frame, for this reason.
    """

    cdef source_frame_t *index

    def __cinit__(self, frames, times=None, *, start=0, step=DEFAULT_STEP, original=None, flags=None,
                  name="frames", tail=None):
        cdef bytes block
        cdef const uint8_t *data
        cdef uint64_t i = 0
        frames = [bytes(frame) for frame in frames]
        if any(len(frame) > MAX_FRAME for frame in frames):
            raise ValueError(f"a frame is longer than {MAX_FRAME} bytes")
        for given in (times, original, flags):
            if given is not None and len(given) != len(frames):
                raise ValueError("as many times, lengths and flags as frames are needed")
        block = b"".join(frames)
        data = block
        self.index = <source_frame_t *>calloc(len(frames) + 1, sizeof(source_frame_t))
        if self.index == NULL:
            raise MemoryError
        for i, frame in enumerate(frames):
            self.index[i].time = start + i * step if times is None else times[i]
            self.index[i].data = data
            self.index[i].captured = len(frame)
            self.index[i].original = len(frame) if original is None else original[i]
            self.index[i].flags = 0 if flags is None else flags[i]
            data += len(frame)
        self.owner = block
        self.name = name
        self.tail = tail
        self.state.frames = self.index
        self.state.n_frames = len(frames)
        self.state.tail = BROKEN_NOT if tail is None else BROKEN_TAIL

    def __dealloc__(self):
        free(self.index)

    def __len__(self):
        return self.state.n_frames
