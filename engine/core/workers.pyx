"""The workers of one vswitch, one a thread: making and freeing them, and the sums of what they counted."""

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from .buffer cimport BufferPool
from .frames cimport grow_frames

cdef extern from "<stdlib.h>" nogil:
    void* aligned_alloc(size_t alignment, size_t size)

cdef enum:
    LINE_PAIR = 128             # what two threads must not both write to: the processor fetches lines in pairs

TOTALS = ("received", "generated", "transmitted", "consumed", "dropped")


cdef worker_t* new_worker(uint32_t thread_index) except NULL:
    cdef size_t size = (sizeof(worker_t) + LINE_PAIR - 1) // LINE_PAIR * LINE_PAIR
    cdef worker_t* w = <worker_t*> aligned_alloc(LINE_PAIR, size)
    if w == NULL:
        raise MemoryError("no memory for a worker")
    memset(w, 0, size)
    w.thread_index = thread_index
    w.next_deadline_ns = <uint64_t> -1
    return w


cdef void free_worker(worker_t* w) noexcept:
    """Free a worker with all that others hung on it: their own objects may be gone by now, in any order."""
    cdef uint32_t i
    for i in range(w.n_nodes):
        free(w.nodes[i].next_nodes)
    for i in range(w.n_frame_blocks):
        free(w.frame_blocks[i])
    for i in range(w.trace.n_records):
        free(w.trace.records[i].data)
    free(w.frame_blocks)
    free(w.trace.records)
    free(w.interface_counters)
    free(w.nodes)
    free(w.error_counters)
    free(w.drop_counters)
    free(w.pending)
    free(w.free_frames)
    free(w.processes)
    free(w)


cdef class Workers:
    """Thread 0, which is the main one, and n_workers more; with no others it does the work itself."""

    def __cinit__(self, BufferPool buffers, uint32_t n_workers=0):
        cdef uint32_t i
        self.buffers = buffers
        self.nodes, self.error_strings, self.process_names = [], [], []
        self.workers = <worker_t**> calloc(n_workers + 1, sizeof(worker_t*))
        if self.workers == NULL:
            raise MemoryError("no memory for workers")
        for i in range(n_workers + 1):
            self.workers[i] = new_worker(i)
            self.n_threads += 1
            self.workers[i].pool = &buffers.pool
            self.workers[i].cache = buffers.new_cache()
            grow_frames(self.workers[i])
        self.worker = self.workers[0]

    def __dealloc__(self):
        cdef uint32_t i
        if self.worker != NULL:
            free(self.worker.feature_config)        # which all share
        for i in range(self.n_threads):
            free_worker(self.workers[i])
        free(self.workers)

    cdef worker_t* thread(self, uint32_t thread_index) except NULL:
        if thread_index >= self.n_threads:
            raise IndexError(f"no thread {thread_index}: there are {self.n_threads}")
        return self.workers[thread_index]

    cdef void set_now(self, uint64_t now_ns) noexcept nogil:
        """It is now_ns for all of them."""
        cdef uint32_t i
        for i in range(self.n_threads):
            self.workers[i].now_ns = now_ns

    def thread_names(self) -> list:
        """Names of the threads by index, as VPP calls them."""
        return ["vpp_main"] + [f"vpp_wk_{i}" for i in range(self.n_threads - 1)]

    def threads(self, thread=None):
        """The indices a caller means: of one thread, or of all for None."""
        return range(self.n_threads) if thread is None else (thread,)

    # ---- what the show commands read; thread: of that one, None for the sums over all

    def errors(self, thread=None) -> list:
        """(index, node, reason, count) of every counter that is not 0, in the order of registration."""
        cdef uint32_t i, k
        cdef uint64_t n
        cdef uint32_t first = 0 if thread is None else thread
        cdef uint32_t end = self.n_threads if thread is None else first + 1
        self.thread(first)
        found = []
        for i in range(<uint32_t> len(self.error_strings)):
            n = 0
            for k in range(first, end):
                n += self.workers[k].error_counters[i]
            if n:
                name, text = self.error_strings[i]
                found.append((i, name, text, n))
        return found

    def drops(self) -> dict:
        """{(node, reason): packets} of what error-drop and error-punt freed."""
        cdef uint32_t i, k
        cdef uint64_t n
        found = {}
        for i in range(<uint32_t> len(self.error_strings)):
            n = 0
            for k in range(self.n_threads):
                n += self.workers[k].drop_counters[i]
            if n:
                found[self.error_strings[i]] = n
        return found

    def runtime(self, thread=None) -> list:
        """Per node and timer what `show runtime` lists; clocks are ticks of the time stamp counter, in all."""
        rows = [self.node_runtime(info, thread) for info in self.nodes]
        return rows + [self.process_runtime(i) for i in range(len(self.process_names)) if not thread]

    def node_runtime(self, info, thread=None) -> dict:
        cdef uint32_t i
        cdef node_t* node
        row = {"name": info.name, "state": "polling" if info.kind == "input" else "active", "calls": 0, "vectors": 0,
               "suspends": 0, "clocks": 0, "max_clocks": 0, "max_clocks_vectors": 0}
        for i in self.threads(thread):
            node = &self.thread(i).nodes[<uint32_t> info.index]
            row["calls"] += node.calls
            row["vectors"] += node.vectors
            row["clocks"] += node.clocks
            if node.max_clocks > row["max_clocks"]:
                row["max_clocks"], row["max_clocks_vectors"] = node.max_clocks, node.max_clocks_vectors
        return row

    def node_counters(self) -> tuple:
        """All nodes, and of each its calls, vectors and clocks in all threads: u64s in a row. Fast, for many nodes."""
        cdef uint32_t i, k, n = self.worker.n_nodes
        cdef node_t* node
        cdef uint64_t* sums = <uint64_t*> calloc(n + 1, 3 * sizeof(uint64_t))
        if sums == NULL:
            raise MemoryError("no memory for a copy of the counters")
        for i in range(self.n_threads):
            for k in range(n):
                node = &self.workers[i].nodes[k]
                sums[3 * k] += node.calls
                sums[3 * k + 1] += node.vectors
                sums[3 * k + 2] += node.clocks
        try:
            return list(self.nodes), (<char*> sums)[:n * 3 * sizeof(uint64_t)]
        finally:
            free(sums)

    def process_runtime(self, uint32_t index) -> dict:
        return {"name": self.process_names[index], "state": "any wait", "calls": 0, "vectors": 0,
                "suspends": self.worker.processes[index].calls, "clocks": self.worker.processes[index].clocks,
                "max_clocks": 0, "max_clocks_vectors": 0}

    def ways(self) -> list:
        """(node, next index, next node, packets) of every next index; what is made on the spot takes no way."""
        cdef node_t* node
        cdef uint32_t slot, thread
        found = []
        for info in self.nodes:
            node = &self.worker.nodes[<uint32_t> info.index]
            for slot in range(node.n_next):
                name = self.nodes[node.next_nodes[slot].node_index].name
                n = sum(self.workers[thread].nodes[node.index].next_nodes[slot].vectors
                        for thread in range(self.n_threads))
                found.append((info.name, slot, name, n))
        return found

    def totals(self, thread=None) -> dict:
        """Packets since the start: received + generated = transmitted + consumed + dropped."""
        cdef uint32_t i
        cdef worker_t* w
        found = dict.fromkeys(TOTALS, 0)
        for i in self.threads(thread):
            w = self.thread(i)
            counts = (w.n_received, w.n_generated, w.n_transmitted, w.n_consumed, w.n_dropped)
            for name, n in zip(TOTALS, counts):
                found[name] += n
        return found

    def punted(self, thread=None) -> int:
        """Packets that ended in error-punt; they are among the dropped ones of totals()."""
        return sum(self.thread(i).n_punted for i in self.threads(thread))

    def clear_errors(self):
        cdef uint32_t i
        for i in range(self.n_threads):
            memset(self.workers[i].error_counters, 0, len(self.error_strings) * sizeof(uint64_t))

    def clear_runtime(self):
        cdef uint32_t i, k
        for i in range(self.n_threads):
            for k in range(self.workers[i].n_nodes):
                clear_node(&self.workers[i].nodes[k])
            for k in range(self.workers[i].n_processes):
                self.workers[i].processes[k].calls = self.workers[i].processes[k].clocks = 0


cdef void clear_node(node_t* node) noexcept:
    cdef uint32_t i
    for i in range(node.n_next):
        node.next_nodes[i].vectors = 0
    node.calls = node.vectors = node.clocks = node.max_clocks = node.max_clocks_vectors = 0
