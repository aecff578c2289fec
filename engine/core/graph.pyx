"""Node registration, next indices as VPP allocates them, frame queues and the dispatch loop."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memset

from .buffer cimport BufferPool
from .clock cimport read_tsc

cdef enum:
    INITIAL_RING = 1024
    MAX_NODES = 1 << 20         # a bound on interface churn, two nodes an interface


# ---- frames ---------------------------------------------------------------------------------

cdef frame_t* take_frame(worker_t* w) noexcept nogil:
    """An empty frame. Frames are recycled; there are as many as were ever pending at once."""
    cdef frame_t* frame
    if w.n_free_frames:
        w.n_free_frames -= 1
        frame = w.free_frames[w.n_free_frames]
    else:
        grow_frames(w)
        w.n_free_frames -= 1
        frame = w.free_frames[w.n_free_frames]
    frame.n_vectors = 0
    frame.flags = 0
    return frame


cdef void grow_frames(worker_t* w) noexcept nogil:
    """Double the frames and with them the ring, which so always has room for every frame there is."""
    cdef uint32_t i, n = w.n_frames if w.n_frames else INITIAL_RING // 2
    cdef uint32_t size = 1
    cdef frame_t* block = <frame_t*> malloc(n * sizeof(frame_t))
    cdef frame_t** ring
    while size <= w.n_frames + n:
        size *= 2
    ring = <frame_t**> malloc(size * sizeof(void*))
    w.free_frames = <frame_t**> realloc(w.free_frames, (w.n_frames + n) * sizeof(void*))
    w.frame_blocks = <frame_t**> realloc(w.frame_blocks, (w.n_frame_blocks + 1) * sizeof(void*))
    if block == NULL or ring == NULL or w.free_frames == NULL or w.frame_blocks == NULL:
        out_of_memory()
    w.frame_blocks[w.n_frame_blocks] = block
    w.n_frame_blocks += 1
    for i in range(w.pending_tail - w.pending_head):
        ring[i] = w.pending[(w.pending_head + i) & w.pending_mask]
    free(w.pending)
    w.pending_tail -= w.pending_head
    w.pending_head = 0
    w.pending = ring
    w.pending_mask = size - 1
    for i in range(n):
        w.free_frames[w.n_free_frames + i] = &block[i]
    w.n_free_frames += n
    w.n_frames += n


cdef extern from *:
    """
    #include <stdio.h>
    #include <stdlib.h>
    static void vppsh_out_of_memory(void) { fputs("vppsh: out of memory\\n", stderr); abort(); }
    """
    void out_of_memory "vppsh_out_of_memory"() noexcept nogil


cdef inline void push_pending(worker_t* w, frame_t* frame) noexcept nogil:
    w.pending[w.pending_tail & w.pending_mask] = frame
    w.pending_tail += 1


cdef frame_t* open_frame(worker_t* w, uint32_t node_index) noexcept nogil:
    """The frame that is filled for a node: its open one if that has room, else a new one, queued."""
    cdef node_t* target = &w.nodes[node_index]
    cdef frame_t* frame = target.open_frame
    if frame != NULL and frame.n_vectors < FRAME_SIZE:
        return frame
    frame = take_frame(w)
    frame.node_index = node_index
    target.open_frame = frame
    push_pending(w, frame)
    return frame


cdef void enqueue_run(worker_t* w, next_t* way, const uint32_t* indices, uint32_t n, uint32_t flags) noexcept nogil:
    """Append n buffers to the open frame of a next node, opening another when it is full."""
    cdef frame_t* frame
    cdef uint32_t k
    way.vectors += n
    while n:
        frame = open_frame(w, way.node_index)
        k = FRAME_SIZE - frame.n_vectors
        if k > n:
            k = n
        memcpy(&frame.indices[frame.n_vectors], indices, k * sizeof(uint32_t))
        frame.n_vectors += k
        frame.flags |= flags
        indices += k
        n -= k


cdef void enqueue_buffers(worker_t* w, node_t* node, const uint32_t* indices, const uint16_t* nexts,
                          uint32_t n, uint32_t frame_flags) noexcept nogil:
    """Send n buffers, each to its own next index. Order is kept among those that go the same way."""
    cdef uint32_t start = 0, end
    while start < n:
        debug_check_next(node, nexts[start])
        end = start + 1
        while end < n and nexts[end] == nexts[start]:
            end += 1
        enqueue_run(w, &node.next_nodes[nexts[start]], indices + start, end - start, frame_flags)
        start = end


cdef inline void debug_check_next(node_t* node, uint32_t next_index) noexcept nogil:
    from_debug(next_index < node.n_next)


cdef extern from *:
    void from_debug "VPPSH_ASSERT"(bint condition) noexcept nogil


cdef void enqueue_frame(worker_t* w, node_t* node, frame_t* frame, const uint16_t* nexts) noexcept nogil:
    """Send a whole frame on, packet by packet as nexts says; one that goes one way is handed over as it is."""
    cdef uint32_t i, n = frame.n_vectors
    cdef uint16_t first = nexts[0], differ = 0
    for i in range(n):
        differ |= nexts[i] ^ first
    if differ:
        enqueue_buffers(w, node, frame.indices, nexts, n, frame.flags)
    else:
        enqueue_frame_to(w, node, frame, first)


cdef void enqueue_frame_to(worker_t* w, node_t* node, frame_t* frame, uint32_t next_index) noexcept nogil:
    """Send a whole frame to one next node. Without copying, unless packets wait there already."""
    cdef next_t* way = &node.next_nodes[next_index]
    cdef uint32_t target = way.node_index
    debug_check_next(node, next_index)
    if w.nodes[target].open_frame != NULL and w.nodes[target].open_frame.n_vectors < FRAME_SIZE:
        enqueue_run(w, way, frame.indices, frame.n_vectors, frame.flags)
        return
    way.vectors += frame.n_vectors
    frame.node_index = target
    w.nodes[target].open_frame = frame
    push_pending(w, frame)
    w.frame_moved = True


cdef void enqueue_same(worker_t* w, node_t* node, const uint32_t* indices, uint32_t n, uint32_t next_index,
                       uint32_t frame_flags) noexcept nogil:
    """Send n buffers to one next index, as input nodes do."""
    debug_check_next(node, next_index)
    enqueue_run(w, &node.next_nodes[next_index], indices, n, frame_flags)


cdef void enqueue_one(worker_t* w, node_t* node, uint32_t buffer_index, uint32_t next_index,
                      uint32_t frame_flags) noexcept nogil:
    """Send one buffer at once, ahead of what the node gives out when it ends."""
    debug_check_next(node, next_index)
    enqueue_run(w, &node.next_nodes[next_index], &buffer_index, 1, frame_flags)


# ---- dispatch -------------------------------------------------------------------------------

cdef void dispatch_pending(worker_t* w) noexcept nogil:
    """Run the queued frames, and those they lead to, until none is left.

    A timer that a node wakes for now runs before the next frame: what ARP learned holds for the rest of the vector.
    """
    cdef frame_t* frame
    cdef node_t* node
    cdef uint32_t n
    cdef uint64_t before = read_tsc(), after
    while w.pending_head != w.pending_tail:
        if w.next_deadline_ns <= w.now_ns:
            run_due(w)
            continue
        frame = w.pending[w.pending_head & w.pending_mask]
        w.pending_head += 1
        node = &w.nodes[frame.node_index]
        if node.open_frame == frame:
            node.open_frame = NULL
        n = frame.n_vectors
        w.frame_moved = False
        node.function(w, node, frame)
        if not w.frame_moved:
            w.free_frames[w.n_free_frames] = frame
            w.n_free_frames += 1
        after = read_tsc()
        account(node, n, after - before)
        before = after
        if w.next_deadline_ns <= w.now_ns:
            run_due(w)
            before = read_tsc()


cdef void account(node_t* node, uint32_t n_vectors, uint64_t clocks) noexcept nogil:
    """Enter one call of a node into its run time counters."""
    node.calls += 1
    node.vectors += n_vectors
    node.clocks += clocks
    if clocks > node.max_clocks:
        node.max_clocks = clocks
        node.max_clocks_vectors = n_vectors


cdef void run_processes(worker_t* w) noexcept nogil:
    """Run the timers that are due, and the frames they made; cheap when none is."""
    if w.next_deadline_ns <= w.now_ns:
        run_due(w)
        dispatch_pending(w)


cdef void run_due(worker_t* w) noexcept nogil:
    cdef uint32_t i
    cdef uint64_t soonest = <uint64_t> -1, before
    for i in range(w.n_processes):
        if w.processes[i].deadline_ns <= w.now_ns:
            before = read_tsc()
            w.processes[i].deadline_ns = w.processes[i].function(w, w.processes[i].main, w.now_ns)
            w.processes[i].clocks += read_tsc() - before
            if w.processes[i].deadline_ns <= w.now_ns:      # a timer that stands still would stop the clock
                w.processes[i].deadline_ns = w.now_ns + 1
            w.processes[i].calls += 1
        if w.processes[i].deadline_ns < soonest:
            soonest = w.processes[i].deadline_ns
    w.next_deadline_ns = soonest


# ---- registration ---------------------------------------------------------------------------

cdef class NodeInfo:
    """What Python knows of a node: names of its next nodes and errors, how its trace prints."""

    def __repr__(self):
        return f"<node {self.index} {self.name}>"


cdef class Graph:
    """All nodes of one vswitch, with the worker that runs them."""

    def __cinit__(self, BufferPool buffers):
        memset(&self.worker, 0, sizeof(worker_t))
        self.buffers = buffers
        self.worker.pool = &buffers.pool
        self.worker.cache = buffers.new_cache()
        self.worker.next_deadline_ns = <uint64_t> -1
        self.nodes = []
        self.by_name = {}
        self.error_strings = []
        self.process_names = []
        grow_frames(&self.worker)

    def __dealloc__(self):
        cdef uint32_t i
        for i in range(self.worker.n_nodes):
            free(self.worker.nodes[i].next_nodes)
        for i in range(self.worker.n_frame_blocks):
            free(self.worker.frame_blocks[i])
        free(self.worker.frame_blocks)
        # what others hung on the worker: their own objects may be gone by now, in any order
        for i in range(self.worker.trace.n_records):
            free(self.worker.trace.records[i].data)
        free(self.worker.trace.records)
        free(self.worker.feature_config)
        free(self.worker.interface_counters)
        free(self.worker.nodes)
        free(self.worker.error_counters)
        free(self.worker.drop_counters)
        free(self.worker.pending)
        free(self.worker.free_frames)
        free(self.worker.processes)

    cdef NodeInfo register(self, str name, node_function_t function, void* main, str kind,
                           tuple next_nodes, tuple errors, str errors_of, str sibling_of,
                           object format_trace, uint32_t runtime):
        """Add a node.

        next_nodes: names, which get the next indices 0, 1, 2 ... in this order; they may be registered later,
        until resolve() is called. errors: the node's counters; or errors_of: the node whose counters it shares.
        sibling_of: the node whose next indices it shares. format_trace: see trace.pyx, None for nodes that print
        nothing. runtime: the node's own u32. Raises ValueError for a name that is taken.
        """
        if name in self.by_name:
            raise ValueError(f"node {name} is registered already")
        cdef NodeInfo info = NodeInfo()
        cdef node_t* node = self.new_node()
        node.function, node.main, node.runtime = function, main, runtime
        info.index, info.name, info.kind = node.index, name, kind
        info.format_trace = format_trace
        info.traceable = kind == "input"
        info.next_names = []
        info.errors = list(errors)
        self.nodes.append(info)
        self.by_name[name] = info
        self.join_siblings(info, sibling_of)
        self.assign_errors(info, errors, errors_of)
        for next_name in next_nodes:
            info.next_names.append(next_name)
        if self.resolved:
            self.resolve_node(info)
        return info

    cdef node_t* new_node(self) except NULL:
        cdef uint32_t n = self.worker.n_nodes
        cdef node_t* grown
        if n % 64 == 0:
            grown = <node_t*> realloc(self.worker.nodes, (n + 64) * sizeof(node_t))
            if grown == NULL:
                raise MemoryError("no memory for another node")
            self.worker.nodes = grown
        memset(&self.worker.nodes[n], 0, sizeof(node_t))
        self.worker.nodes[n].index = n
        self.worker.n_nodes = n + 1
        return &self.worker.nodes[n]

    def join_siblings(self, NodeInfo info, sibling_of):
        cdef NodeInfo other
        info.siblings = [info]
        if sibling_of is not None:
            other = self.by_name[sibling_of]
            info.siblings = other.siblings
            info.siblings.append(info)
            info.next_names = list(other.next_names)

    def assign_errors(self, NodeInfo info, errors, errors_of):
        cdef uint32_t n = len(self.error_strings)
        cdef size_t size
        if errors_of is not None:
            info.error_owner = self.by_name[errors_of]
            self.worker.nodes[info.index].error_base = self.worker.nodes[info.error_owner.index].error_base
            return
        info.error_owner = info
        if n + len(errors) > 0xffff:
            raise MemoryError("no room for more error counters")
        self.worker.nodes[info.index].error_base = n
        self.error_strings.extend((info.name, text) for text in errors)
        size = len(self.error_strings) * sizeof(uint64_t)
        self.worker.error_counters = <uint64_t*> realloc(self.worker.error_counters, size + 8)
        self.worker.drop_counters = <uint64_t*> realloc(self.worker.drop_counters, size + 8)
        if self.worker.error_counters == NULL or self.worker.drop_counters == NULL:
            raise MemoryError("no memory for error counters")
        memset(&self.worker.error_counters[n], 0, size - n * sizeof(uint64_t))
        memset(&self.worker.drop_counters[n], 0, size - n * sizeof(uint64_t))

    def resolve(self):
        """Bind all declared next nodes to the nodes of those names. A name without a node leads to error-drop."""
        self.worker.drop_node_index = self.by_name["error-drop"].index
        for info in self.nodes:
            self.resolve_node(info)
        self.resolved = True

    cdef resolve_node(self, NodeInfo info):
        cdef node_t* node = &self.worker.nodes[info.index]
        cdef uint32_t i, n = len(info.next_names)
        cdef next_t* grown = <next_t*> realloc(node.next_nodes, (n + 1) * sizeof(next_t))
        cdef NodeInfo target
        if grown == NULL:
            raise MemoryError("no memory for next nodes")
        node.next_nodes = grown
        if n > node.n_next:
            memset(&grown[node.n_next], 0, (n - node.n_next) * sizeof(next_t))
        for i in range(n):
            target = self.by_name.get(info.next_names[i])
            grown[i].node_index = target.index if target is not None else self.worker.drop_node_index
        node.n_next = n

    def add_next(self, str name, str next_name) -> int:
        """Next index of next_name in node `name` and its siblings: the slot it has, or a new one behind the others."""
        cdef NodeInfo info = self.by_name[name]
        cdef NodeInfo sibling
        if next_name not in self.by_name:
            raise KeyError(f"no node {next_name}")
        if next_name in info.next_names:
            return info.next_names.index(next_name)
        if len(info.next_names) >= 0xffff:
            raise MemoryError(f"{name} has no next index left")
        for sibling in info.siblings:
            sibling.next_names.append(next_name)
            if self.resolved:
                self.resolve_node(sibling)
        return len(info.next_names) - 1

    def rename(self, str name, str new_name):
        """Give the node of a deleted interface to a new one; every next index that leads to it stays."""
        cdef NodeInfo info = self.by_name.pop(name), other
        info.name = new_name
        self.by_name[new_name] = info
        for other in self.nodes:
            other.next_names = [new_name if known == name else known for known in other.next_names]
        self.error_strings = [(new_name if owner == name else owner, text) for owner, text in self.error_strings]

    cdef node_t* node(self, str name) except NULL:
        """The node of that name. The pointer holds until the next registration."""
        cdef NodeInfo info = self.by_name.get(name)
        if info is None:
            raise KeyError(f"no node {name}")
        return &self.worker.nodes[info.index]

    cdef node_t* node_at(self, uint32_t index) noexcept:
        return &self.worker.nodes[index]

    cdef bind(self, str name, node_function_t function, void* main, uint32_t runtime, object format_trace):
        """Give a node another function and state, as when an interface's nodes go to the next one."""
        cdef node_t* node = self.node(name)
        node.function, node.main, node.runtime = function, main, runtime
        (<NodeInfo> self.by_name[name]).format_trace = format_trace

    # ---- timers

    cdef uint32_t add_process(self, str name, process_function_t function, void* main,
                              uint64_t first_deadline_ns) except? 0xffffffffU:
        """Add a timer; returns its index."""
        cdef uint32_t n = self.worker.n_processes
        cdef process_t* grown = <process_t*> realloc(self.worker.processes, (n + 1) * sizeof(process_t))
        if grown == NULL:
            raise MemoryError("no memory for another process")
        self.worker.processes = grown
        grown[n].function, grown[n].main, grown[n].calls = function, main, 0
        grown[n].deadline_ns = <uint64_t> -1
        self.worker.n_processes = n + 1
        self.process_names.append(name)
        self.set_deadline(n, first_deadline_ns)
        return n

    cdef void set_deadline(self, uint32_t process_index, uint64_t deadline_ns):
        self.worker.processes[process_index].deadline_ns = deadline_ns
        if deadline_ns < self.worker.next_deadline_ns:
            self.worker.next_deadline_ns = deadline_ns

    # ---- what the show commands read

    def errors(self) -> list:
        """(index, node, reason, count) of every counter that is not 0, in the order of registration."""
        return [
            (i, name, text, self.worker.error_counters[i])
            for i, (name, text) in enumerate(self.error_strings)
            if self.worker.error_counters[i]
        ]

    def drops(self) -> dict:
        """{(node, reason): packets} of what error-drop and error-punt freed."""
        return {
            self.error_strings[i]: self.worker.drop_counters[i]
            for i in range(len(self.error_strings))
            if self.worker.drop_counters[i]
        }

    def runtime(self) -> list:
        """Per node and timer what `show runtime` lists; clocks are ticks of the time stamp counter, in all."""
        cdef node_t* node
        cdef uint32_t i
        rows = []
        for info in self.nodes:
            node = &self.worker.nodes[(<NodeInfo> info).index]
            rows.append({
                "name": info.name, "state": "polling" if info.kind == "input" else "active", "calls": node.calls,
                "vectors": node.vectors, "suspends": 0, "clocks": node.clocks, "max_clocks": node.max_clocks,
                "max_clocks_vectors": node.max_clocks_vectors,
            })
        for i, name in enumerate(self.process_names):
            rows.append({
                "name": name, "state": "any wait", "calls": 0, "vectors": 0, "suspends": self.worker.processes[i].calls,
                "clocks": self.worker.processes[i].clocks, "max_clocks": 0, "max_clocks_vectors": 0,
            })
        return rows

    def ways(self) -> list:
        """(node, next index, next node, packets) of every next index; what is made on the spot takes no way."""
        cdef node_t* node
        cdef uint32_t i
        found = []
        for info in self.nodes:
            node = &self.worker.nodes[(<NodeInfo> info).index]
            for i in range(node.n_next):
                found.append((info.name, i, self.nodes[node.next_nodes[i].node_index].name, node.next_nodes[i].vectors))
        return found

    def totals(self) -> dict:
        """Packets since the start: received + generated = transmitted + consumed + dropped."""
        return {
            "received": self.worker.n_received, "generated": self.worker.n_generated,
            "transmitted": self.worker.n_transmitted, "consumed": self.worker.n_consumed,
            "dropped": self.worker.n_dropped,
        }

    @property
    def n_punted(self) -> int:
        """Packets that ended in error-punt; they are among the dropped ones of totals()."""
        return self.worker.n_punted

    def clear_errors(self):
        memset(self.worker.error_counters, 0, len(self.error_strings) * sizeof(uint64_t))

    def clear_runtime(self):
        cdef uint32_t i, k
        for i in range(self.worker.n_nodes):
            for k in range(self.worker.nodes[i].n_next):
                self.worker.nodes[i].next_nodes[k].vectors = 0
            self.worker.nodes[i].calls = self.worker.nodes[i].vectors = self.worker.nodes[i].clocks = 0
            self.worker.nodes[i].max_clocks = self.worker.nodes[i].max_clocks_vectors = 0
        for i in range(self.worker.n_processes):
            self.worker.processes[i].calls = self.worker.processes[i].clocks = 0

    def set_trace(self, str name, uint32_t n):
        """Mark the next n packets (more than are asked for already) that the input node gives out."""
        self.node(name).trace_remaining += n
