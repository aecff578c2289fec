"""Replay: captures enter through their interfaces' input nodes, and time is theirs.

One engine or several, which then share the time; wires between them carry what each packet causes to its end
before the next one enters.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from ..core.graph cimport FRAME_SIZE, Graph, run_processes, worker_t
from .feed cimport Detached, feed_load, feed_t, receive
from .wire cimport Wire, wire_t, wires_settle

from ..errors import WireLoopError

cdef enum:
    NEVER_NS = 0xffffffffffffffffU
    SLICE = 4096                # packets between two looks at signals and progress

ctypedef struct member_t:
    worker_t* worker
    uint64_t trace_limit        # packets marked on budgets after which nodes are asked for no more; 0: not watched

ctypedef struct port_t:
    # where frames enter an engine: a capture's device, or one at the end of a wire
    member_t* member
    feed_t* feed


cdef class Replay:
    """One replay over some devices whose sources are loaded.

    engines: each engine's graph with its devices. wires: those between the engines, plugged in. together: all
    frames of a device as vectors of up to 256, then the next device's; else one by one by their times, each run
    to its end before the next. trace: how many packets each engine traces, the first ones it receives.
    max_crossings: of wires, for one packet that entered; more are taken for a loop without end.
    """

    cdef list engines, devices, wires
    cdef member_t* members
    cdef uint32_t n_members
    cdef port_t* ports          # first those of the captures
    cdef uint32_t n_captures
    cdef uint32_t n_ports
    cdef wire_t** c_wires
    cdef uint32_t n_wires
    cdef wire_t* looping        # the wire on which packets went round for ever
    cdef bint together
    cdef uint32_t max_crossings
    cdef uint64_t offset_ns
    cdef bint started

    def __cinit__(self, list engines, wires=(), bint together=False, uint32_t trace=0, uint32_t max_crossings=0):
        self.engines, self.wires, self.together, self.max_crossings = engines, list(wires), together, max_crossings
        self.devices = [device for _, devices in engines for device in devices]
        self.n_members, self.n_captures, self.n_wires = len(engines), len(self.devices), len(self.wires)
        self.members = <member_t*> calloc(self.n_members + 1, sizeof(member_t))
        self.ports = <port_t*> calloc(self.n_captures + self.n_wires + 1, sizeof(port_t))
        self.c_wires = <wire_t**> calloc(self.n_wires + 1, sizeof(void*))
        if self.members == NULL or self.ports == NULL or self.c_wires == NULL:
            raise MemoryError("no memory for a replay")
        self.add_members()
        self.add_wires()
        self.start_trace(trace)

    def __dealloc__(self):
        free(self.members)
        free(self.ports)
        free(self.c_wires)

    def add_members(self):
        cdef uint32_t i
        for i in range(self.n_members):
            graph, devices = self.engines[i]
            self.members[i].worker = (<Graph> graph).worker
            for device in devices:
                self.add_port(&self.members[i], &(<Detached> device).feed)

    cdef add_port(self, member_t* member, feed_t* feed):
        self.ports[self.n_ports].member, self.ports[self.n_ports].feed = member, feed
        self.n_ports += 1

    def add_wires(self):
        cdef uint32_t i, k
        for i in range(self.n_wires):
            self.c_wires[i] = &(<Wire> self.wires[i]).state
            for k in range(self.n_members):
                if self.members[k].worker == self.c_wires[i].receiver:
                    self.add_port(&self.members[k], self.c_wires[i].feed)

    # ---- traces

    def start_trace(self, uint32_t n):
        """Ask every input node for n packets; after n in an engine the asking is taken back there."""
        cdef uint32_t i
        cdef set asked = set()
        for i in range(self.n_members if n else 0):
            self.members[i].trace_limit = self.members[i].worker.trace.n_budgeted + n
        for i in range(self.n_ports if n else 0):
            node = (self.ports[i].member - self.members, self.ports[i].feed.input_node)
            if node not in asked:
                self.ports[i].member.worker.nodes[self.ports[i].feed.input_node].trace_remaining += n
            asked.add(node)

    cdef void check_traces(self) noexcept nogil:
        cdef uint32_t i
        for i in range(self.n_members):
            if self.members[i].trace_limit and self.members[i].worker.trace.n_budgeted >= self.members[i].trace_limit:
                self.stop_trace(&self.members[i])

    cdef void stop_trace(self, member_t* member) noexcept nogil:
        cdef uint32_t i
        for i in range(self.n_ports):
            if self.ports[i].member == member:
                member.worker.nodes[self.ports[i].feed.input_node].trace_remaining = 0
        member.trace_limit = 0

    # ---- time

    cdef uint64_t now_ns(self) noexcept nogil:
        """The engines' time: that of the one which is ahead, before they were brought together."""
        cdef uint64_t now = 0
        cdef uint32_t i
        for i in range(self.n_members):
            now = max(now, self.members[i].worker.now_ns)
        return now

    cdef uint64_t next_deadline_ns(self) noexcept nogil:
        cdef uint64_t soonest = <uint64_t> -1
        cdef uint32_t i
        for i in range(self.n_members):
            soonest = min(soonest, self.members[i].worker.next_deadline_ns)
        return soonest

    cdef void set_clocks(self, uint64_t now_ns) noexcept nogil:
        cdef uint32_t i
        for i in range(self.n_members):
            if self.members[i].worker.now_ns < now_ns:
                self.members[i].worker.now_ns = now_ns

    cdef bint is_new(self) noexcept nogil:
        """No packet has entered any engine yet."""
        cdef uint32_t i
        for i in range(self.n_members):
            if self.members[i].worker.n_received:
                return False
        return True

    cdef void start_clocks(self, uint64_t now_ns) noexcept nogil:
        """The first capture says what time it is; timers are set from then on, nothing happened before."""
        cdef uint32_t i, k
        cdef worker_t* w
        for i in range(self.n_members):
            w = self.members[i].worker
            for k in range(w.n_processes):
                if w.processes[k].deadline_ns != NEVER_NS:
                    w.processes[k].deadline_ns += now_ns - w.now_ns
            if w.next_deadline_ns != NEVER_NS:
                w.next_deadline_ns += now_ns - w.now_ns
            w.now_ns = now_ns

    cdef void move_clocks(self, uint64_t target_ns) noexcept nogil:
        """As Clock.move_to, for all engines at once: timers fire on the way, each at its own time."""
        cdef uint64_t soonest = self.next_deadline_ns()
        cdef uint32_t i
        while soonest <= target_ns and self.looping == NULL:
            self.set_clocks(soonest)
            for i in range(self.n_members):
                run_processes(self.members[i].worker)
            self.settle(FRAME_SIZE)
            soonest = self.next_deadline_ns()
        self.set_clocks(target_ns)

    # ---- packets

    cdef void settle(self, uint64_t entered) noexcept nogil:
        """Let what `entered` packets caused cross the wires, to its end."""
        if self.n_wires:
            self.looping = wires_settle(self.c_wires, self.n_wires, (entered or 1) * self.max_crossings,
                                        FRAME_SIZE if self.together else 1)

    cdef port_t* earliest(self) noexcept nogil:
        """The device whose next frame is the oldest; NULL when no frame is left."""
        cdef port_t* best = NULL
        cdef uint32_t i
        for i in range(self.n_captures):
            if feed_load(self.ports[i].feed):
                if best == NULL or self.ports[i].feed.source.frame.time < best.feed.source.frame.time:
                    best = &self.ports[i]
        return best

    cdef port_t* first_with_frames(self) noexcept nogil:
        cdef uint32_t i
        for i in range(self.n_captures):
            if feed_load(self.ports[i].feed):
                return &self.ports[i]
        return NULL

    cdef bint is_early(self, uint64_t until_ns) noexcept nogil:
        """Whether the next packet was captured after a time."""
        cdef port_t* port
        if until_ns == <uint64_t> -1:
            return False
        port = self.earliest()
        return port != NULL and port.feed.source.frame.time > until_ns

    cdef bint step(self) noexcept nogil:
        """Let one packet enter, or one vector; False when all is done, or packets go round the wires."""
        cdef port_t* port = self.first_with_frames() if self.together else self.earliest()
        cdef uint64_t captured
        if port == NULL or self.looping != NULL:
            return False
        captured = port.feed.source.frame.time
        if not self.started:
            self.started = True
            if captured < self.now_ns():        # captured before now: it happens from now on
                self.offset_ns = self.now_ns() - captured
            elif self.is_new():
                self.start_clocks(captured)
        self.move_clocks(captured + self.offset_ns)
        if self.looping != NULL:
            return False
        captured = port.member.worker.n_received
        receive(port.member.worker, port.feed, FRAME_SIZE if self.together else 1)
        self.settle(port.member.worker.n_received - captured)
        self.check_traces()
        return True

    def run(self, progress=None) -> None:
        """Run to the end. progress: called with the number of packets received so far, now and then.

        Raises WireLoopError when packets go round the wires for ever; they were cut, all before was processed.
        """
        cdef uint64_t first = self.received()
        cdef bint more = True
        self.move_to(self.now_ns())
        while more:
            more = self.turn()
            if progress is not None:
                progress(self.received() - first)

    def turn(self, uint64_t until_ns=<uint64_t> -1) -> bool:
        """Let some packets enter, or some vectors, of those captured until then; False when none is left at all.

        Raises WireLoopError, as run() does.
        """
        cdef uint32_t turns = SLICE // FRAME_SIZE * 4 if self.together else SLICE, _
        cdef bint more = True
        with nogil:
            for _ in range(turns):
                if self.is_early(until_ns):
                    break
                more = self.step()
                if not more:
                    break
        self.check_loop()
        PyErr_CheckSignals()
        return more

    @property
    def next_captured_ns(self) -> int | None:
        """When the next packet was captured; None when no packet is left."""
        cdef port_t* port = self.earliest()
        return None if port == NULL else port.feed.source.frame.time

    def move_to(self, uint64_t target_ns) -> None:
        """Let time pass in all engines; what timers send crosses the wires. Raises WireLoopError."""
        with nogil:
            self.move_clocks(target_ns)
        self.check_loop()

    cdef uint64_t received(self) noexcept:
        """Packets that came from outside."""
        cdef uint64_t n = 0
        cdef uint32_t i
        for i in range(self.n_members):
            n += self.members[i].worker.n_received
        for i in range(self.n_wires):
            n -= self.c_wires[i].n_received
        return n

    def check_loop(self):
        for wire in self.wires:
            if self.looping != NULL and self.looping == &(<Wire> wire).state:
                raise WireLoopError(f"packets go round: one that entered made more than {self.max_crossings} cross "
                                    f"the wires, at last {(<Wire> wire).name}")
