"""Registration: nodes with their next indices as VPP allocates them, their errors, and timers."""

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport realloc
from libc.string cimport memset


cdef void* grown(void* memory, size_t size) except NULL:
    cdef void* found = realloc(memory, size)
    if found == NULL:
        raise MemoryError("no memory for the graph")
    return found


cdef class NodeInfo:
    """What Python knows of a node: names of its next nodes and errors, how its trace prints."""

    def __repr__(self):
        return f"<node {self.index} {self.name}>"


cdef class Graph(Workers):
    """All nodes of one vswitch. Each worker has its own copy of every node; registering one makes them all."""

    def __cinit__(self, *_args):
        self.by_name = {}

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
        info.index, info.name, info.kind = self.new_node(function, main, runtime), name, kind
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

    cdef uint32_t new_node(self, node_function_t function, void* main, uint32_t runtime) except? 0xffffffffU:
        cdef uint32_t i, n = self.worker.n_nodes
        cdef worker_t* w
        cdef node_t* node
        for i in range(self.n_threads):
            w = self.workers[i]
            if n % 64 == 0:
                w.nodes = <node_t*> grown(w.nodes, (n + 64) * sizeof(node_t))
            node = &w.nodes[n]
            memset(node, 0, sizeof(node_t))
            node.index, node.function, node.main, node.runtime = n, function, main, runtime
        for i in range(self.n_threads):
            self.workers[i].n_nodes = n + 1
        return n

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
        if errors_of is not None:
            info.error_owner = self.by_name[errors_of]
            self.set_error_base(info.index, self.worker.nodes[info.error_owner.index].error_base)
            return
        info.error_owner = info
        if n + len(errors) > 0xffff:
            raise MemoryError("no room for more error counters")
        self.set_error_base(info.index, n)
        self.reserve_errors(n + len(errors))
        self.error_strings.extend((info.name, text) for text in errors)

    cdef set_error_base(self, uint32_t index, uint32_t base):
        cdef uint32_t i
        for i in range(self.n_threads):
            self.workers[i].nodes[index].error_base = base

    cdef reserve_errors(self, uint32_t n):
        """Make room for n counters; those that are not counted by error_strings yet start at 0."""
        cdef uint32_t i, known = len(self.error_strings)
        cdef worker_t* w
        for i in range(self.n_threads):
            w = self.workers[i]
            w.error_counters = <uint64_t*> grown(w.error_counters, (n + 1) * sizeof(uint64_t))
            w.drop_counters = <uint64_t*> grown(w.drop_counters, (n + 1) * sizeof(uint64_t))
            memset(&w.error_counters[known], 0, (n - known) * sizeof(uint64_t))
            memset(&w.drop_counters[known], 0, (n - known) * sizeof(uint64_t))

    def resolve(self):
        """Bind all declared next nodes to the nodes of those names. A name without a node leads to error-drop."""
        cdef uint32_t i
        for i in range(self.n_threads):
            self.workers[i].drop_node_index = self.by_name["error-drop"].index
        for info in self.nodes:
            self.resolve_node(info)
        self.resolved = True

    cdef resolve_node(self, NodeInfo info):
        cdef uint32_t i, slot, n = len(info.next_names)
        cdef node_t* node
        cdef NodeInfo target
        for i in range(self.n_threads):
            node = &self.workers[i].nodes[info.index]
            node.next_nodes = <next_t*> grown(node.next_nodes, (n + 1) * sizeof(next_t))
            if n > node.n_next:
                memset(&node.next_nodes[node.n_next], 0, (n - node.n_next) * sizeof(next_t))
            for slot in range(n):
                target = self.by_name.get(info.next_names[slot])
                node.next_nodes[slot].node_index = target.index if target is not None else self.worker.drop_node_index
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
        """Thread 0's copy of the node of that name, to read from. The pointer holds until the next registration."""
        cdef NodeInfo info = self.by_name.get(name)
        if info is None:
            raise KeyError(f"no node {name}")
        return &self.worker.nodes[info.index]

    cdef bind(self, str name, node_function_t function, void* main, uint32_t runtime, object format_trace):
        """Give a node another function and state, as when an interface's nodes go to the next one."""
        cdef uint32_t i, index = self.node(name).index
        for i in range(self.n_threads):
            self.workers[i].nodes[index].function = function
        self.set_main(name, main)
        self.set_runtime(name, runtime)
        (<NodeInfo> self.by_name[name]).format_trace = format_trace

    cdef set_main(self, str name, void* main):
        cdef uint32_t i, index = self.node(name).index
        for i in range(self.n_threads):
            self.workers[i].nodes[index].main = main

    cdef set_runtime(self, str name, uint32_t runtime):
        cdef uint32_t i, index = self.node(name).index
        for i in range(self.n_threads):
            self.workers[i].nodes[index].runtime = runtime

    # ---- timers

    cdef uint32_t add_process(self, str name, process_function_t function, void* main,
                              uint64_t first_deadline_ns) except? 0xffffffffU:
        """Add a timer, which thread 0 runs; returns its index."""
        cdef uint32_t n = self.worker.n_processes
        cdef process_t* process
        self.worker.processes = <process_t*> grown(self.worker.processes, (n + 1) * sizeof(process_t))
        process = &self.worker.processes[n]
        memset(process, 0, sizeof(process_t))
        process.function, process.main, process.deadline_ns = function, main, <uint64_t> -1
        self.worker.n_processes = n + 1
        self.process_names.append(name)
        self.set_deadline(n, first_deadline_ns)
        return n

    cdef void set_deadline(self, uint32_t process_index, uint64_t deadline_ns):
        self.worker.processes[process_index].deadline_ns = deadline_ns
        if deadline_ns < self.worker.next_deadline_ns:
            self.worker.next_deadline_ns = deadline_ns

    def set_trace(self, str name, uint32_t n):
        """Mark the next n packets (more than are asked for already) that the input node gives out, on each thread."""
        cdef uint32_t i, index = self.node(name).index
        for i in range(self.n_threads):
            self.workers[i].nodes[index].trace_remaining += n
