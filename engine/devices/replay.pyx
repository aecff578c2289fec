"""Replay: captures enter through their interfaces' input nodes, and time is theirs."""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from ..core.clock cimport read_tsc
from ..core.graph cimport FRAME_SIZE, Graph, account, dispatch_pending, node_t, run_processes, worker_t
from .feed cimport Detached, feed_load, feed_main_t, feed_t

cdef enum:
    SLICE = 4096                # packets between two looks at signals and progress


cdef void move_clock(worker_t* w, uint64_t target_ns) noexcept nogil:
    """As Clock.move_to: timers fire on the way, each at its own time."""
    while w.next_deadline_ns <= target_ns:
        if w.next_deadline_ns > w.now_ns:
            w.now_ns = w.next_deadline_ns
        run_processes(w)
    if target_ns > w.now_ns:
        w.now_ns = target_ns


cdef void receive(worker_t* w, feed_t* feed, uint32_t budget) noexcept nogil:
    """One turn of an input node for one device, and all that follows from it."""
    cdef node_t* node = &w.nodes[feed.input_node]
    cdef feed_main_t* fm = <feed_main_t*> node.main
    cdef uint64_t before = read_tsc(), received = w.n_received
    fm.feed, fm.budget = feed, budget
    node.function(w, node, NULL)
    received = w.n_received - received
    account(node, <uint32_t> received, read_tsc() - before)
    dispatch_pending(w)


cdef class Replay:
    """One replay over some devices whose sources are loaded.

    together: all frames of a device as vectors of up to 256, then the next device's; else one by one by their
    times, each run to its end before the next. trace: how many packets to trace, the first ones.
    """

    cdef Graph graph
    cdef list devices
    cdef feed_t** feeds
    cdef uint32_t n_feeds
    cdef bint together
    cdef uint32_t trace_limit
    cdef uint64_t offset_ns
    cdef bint started

    def __cinit__(self, Graph graph, list devices, bint together=False, uint32_t trace=0):
        cdef uint32_t i
        self.graph, self.devices, self.together = graph, devices, together
        self.n_feeds = len(devices)
        self.feeds = <feed_t**> calloc(max(1, self.n_feeds), sizeof(void*))
        if self.feeds == NULL:
            raise MemoryError("no memory for a replay")
        for i in range(self.n_feeds):
            self.feeds[i] = &(<Detached> devices[i]).feed
        self.start_trace(trace)

    def __dealloc__(self):
        free(self.feeds)

    def start_trace(self, uint32_t n):
        """Ask every input node for n packets; after n in all the asking is taken back."""
        self.trace_limit = self.graph.worker.trace.n_records + n if n else 0
        if n:
            for index in {self.feeds[i].input_node for i in range(self.n_feeds)}:
                self.graph.worker.nodes[<uint32_t> index].trace_remaining += n

    cdef void check_trace(self) noexcept nogil:
        cdef uint32_t i
        cdef worker_t* w = &self.graph.worker
        if self.trace_limit and w.trace.n_records >= self.trace_limit:
            for i in range(self.n_feeds):
                w.nodes[self.feeds[i].input_node].trace_remaining = 0
            self.trace_limit = 0

    cdef feed_t* earliest(self) noexcept nogil:
        """The device whose next frame is the oldest; NULL when no frame is left."""
        cdef feed_t* best = NULL
        cdef uint32_t i
        for i in range(self.n_feeds):
            if feed_load(self.feeds[i]):
                if best == NULL or self.feeds[i].source.frame.time < best.source.frame.time:
                    best = self.feeds[i]
        return best

    cdef feed_t* first_with_frames(self) noexcept nogil:
        cdef uint32_t i
        for i in range(self.n_feeds):
            if feed_load(self.feeds[i]):
                return self.feeds[i]
        return NULL

    cdef bint step(self) noexcept nogil:
        """Let one packet enter, or one vector; False when all is done."""
        cdef worker_t* w = &self.graph.worker
        cdef feed_t* feed = self.first_with_frames() if self.together else self.earliest()
        if feed == NULL:
            return False
        if not self.started:
            self.started = True
            if feed.source.frame.time < w.now_ns:       # captured before now: it happens from now on
                self.offset_ns = w.now_ns - feed.source.frame.time
        move_clock(w, feed.source.frame.time + self.offset_ns)
        receive(w, feed, FRAME_SIZE if self.together else 1)
        self.check_trace()
        return True

    def run(self, progress=None) -> None:
        """Run to the end. progress: called with the number of packets received so far, now and then."""
        cdef uint64_t first = self.graph.worker.n_received
        cdef uint32_t turns = SLICE // FRAME_SIZE * 4 if self.together else SLICE, i
        cdef bint more = True
        while more:
            with nogil:
                for i in range(turns):
                    more = self.step()
                    if not more:
                        break
            PyErr_CheckSignals()
            if progress is not None:
                progress(self.graph.worker.n_received - first)
