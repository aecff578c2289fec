"""The engine's clock: it moves with the capture that is replayed, by request, or with real time.

It never goes back, so that sessions age as they did and every replay prints the same.
"""

import time

from libc.stdint cimport uint64_t

from .graph cimport Graph, run_processes


cdef class Clock:
    """Time of one vswitch, in nanoseconds since its start or, while it replays, since 1970."""

    cdef Graph graph
    cdef uint64_t last_monotonic_ns

    def __cinit__(self, Graph graph):
        self.graph = graph
        self.last_monotonic_ns = time.monotonic_ns()

    @property
    def now_ns(self) -> int:
        return self.graph.worker.now_ns

    def move_to(self, uint64_t target_ns):
        """Let time pass until target_ns; timers fire on the way, each at its own time. The past is ignored."""
        while self.graph.worker.next_deadline_ns <= target_ns:
            if self.graph.worker.next_deadline_ns > self.graph.worker.now_ns:
                self.graph.set_now(self.graph.worker.next_deadline_ns)
            with nogil:
                run_processes(self.graph.worker)
        if target_ns > self.graph.worker.now_ns:
            self.graph.set_now(target_ns)

    def advance(self, double seconds):
        """Let `seconds` pass. Raises ValueError when it is negative or not a number."""
        if not 0 <= seconds < 1e9:
            raise ValueError(f"the clock moves forward by up to 1e9 seconds, not by {seconds}")
        self.move_to(self.graph.worker.now_ns + <uint64_t> (seconds * 1e9))

    def follow(self):
        """Let as much time pass as really passed since the last call: how a live engine keeps its clock."""
        cdef uint64_t now = time.monotonic_ns()
        self.move_to(self.graph.worker.now_ns + now - self.last_monotonic_ns)
        self.last_monotonic_ns = now
