"""Trace records: growing them on the packet path, reading them as Python objects.

How a node's entry prints is the node's own business: its registration names a TraceFormat.
"""

from typing import Any, Callable, NamedTuple

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

from .bpf cimport bpf_run
from .buffer cimport SW_IF_INDEX_RX, buffer_data, buffer_length
from .graph cimport NO_INDEX, Graph

from ..errors import ControlError
from .bpf import compile_filter

cdef enum:
    FIRST_SIZE = 2048


class TraceFormat(NamedTuple):
    """How a node's trace entry is read: decode(data, vpp) gives a dict of plain values, text(dict) what VPP prints.

    text may have several lines; it begins in column 0, the trace puts it in place.
    """

    decode: Callable[[bytes, Any], dict]
    text: Callable[[dict], str]


cdef bint grow_record(trace_record_t* record, uint32_t wanted) noexcept nogil:
    cdef uint32_t size = record.n_allocated if record.n_allocated else FIRST_SIZE
    cdef uint8_t* grown
    while size < wanted:
        size *= 2
    grown = <uint8_t*> realloc(record.data, size)
    if grown == NULL:
        return False
    record.data = grown
    record.n_allocated = size
    return True


cdef uint8_t scrap[4096]    # where an entry goes that no memory is left for; never read


cdef void* trace_append(worker_t* w, uint32_t node_index, uint32_t trace_index, uint32_t n_bytes) noexcept nogil:
    """Append an entry to a record; its data is zeroed."""
    cdef trace_record_t* record
    cdef trace_entry_t* entry
    cdef uint32_t size = sizeof(trace_entry_t) + ((n_bytes + 7) & ~7)
    cdef uint32_t slot = trace_index & (MAX_RECORDS - 1)
    if slot >= w.trace.n_records:               # the trace was cleared while the packet was held
        return scrap
    record = &w.trace.records[slot]
    if record.trace_index != trace_index:       # a ring has gone on to newer packets
        return scrap
    if record.n_bytes + size > record.n_allocated and not grow_record(record, record.n_bytes + size):
        return scrap
    entry = <trace_entry_t*> (record.data + record.n_bytes)
    memset(entry, 0, size)
    entry.time_ns, entry.node_index, entry.n_bytes = w.now_ns, node_index, n_bytes
    record.n_bytes += size
    return entry + 1


# ---- marking packets

cdef bint grow_records(worker_t* w) noexcept nogil:
    cdef uint32_t wanted = 2 * w.trace.n_allocated if w.trace.n_allocated else 64
    cdef trace_record_t* grown
    if w.trace.n_records == MAX_RECORDS:
        return False
    grown = <trace_record_t*> realloc(w.trace.records, wanted * sizeof(trace_record_t))
    if grown == NULL:
        return False
    w.trace.records = grown
    w.trace.n_allocated = wanted
    return True


cdef inline void mark(worker_t* w, buffer_t* b, trace_record_t* record) noexcept nogil:
    record.n_bytes = 0
    record.number = w.trace.n_marked
    w.trace.n_marked += 1
    b.trace_index = record.trace_index
    b.flags |= BUFFER_IS_TRACED


cdef bint trace_start(worker_t* w, buffer_t* b) noexcept nogil:
    """Give the buffer a record of its own and mark it; False, and it stays unmarked, when there is no room."""
    cdef uint32_t slot = w.trace.n_records
    if slot == w.trace.n_allocated and not grow_records(w):
        return False
    memset(&w.trace.records[slot], 0, sizeof(trace_record_t))
    w.trace.records[slot].trace_index = slot
    w.trace.n_records += 1
    mark(w, b, &w.trace.records[slot])
    return True


cdef bint ring_mark(worker_t* w, trace_selection_t* s, buffer_t* b) noexcept nogil:
    """Give the buffer the ring's next record; when all are in use, the oldest packet's, whose trace ends there."""
    cdef trace_record_t* record
    if s.ring_used < s.ring_size and trace_start(w, b):
        s.ring[s.ring_used] = b.trace_index
        s.ring_used += 1
        return True
    if s.ring_used == 0:
        return False
    record = &w.trace.records[s.ring[s.ring_at]]
    record.trace_index += MAX_RECORDS
    s.ring_at = (s.ring_at + 1) % s.ring_used
    mark(w, b, record)
    return True


cdef bint is_wanted(trace_selection_t* s, buffer_t* b) noexcept nogil:
    cdef uint32_t first = max(0, b.current_data + b.current_length)
    if s.sw_if_index != NO_INDEX and s.sw_if_index != b.sw_if_index[SW_IF_INDEX_RX]:
        return False
    if s.filter == NULL:
        return True
    return bpf_run(s.filter, buffer_data(b), first, first + buffer_length(b) - b.current_length) != 0


cdef bint trace_select(worker_t* w, node_t* node, buffer_t* b) noexcept nogil:
    """Mark the buffer for the first selection of the node that wants it; one that has all it wanted leaves the list."""
    cdef trace_selection_t** link = &node.trace_selections
    cdef trace_selection_t* s = link[0]
    while s != NULL and not is_wanted(s, b):
        link = &s.next
        s = link[0]
    if s == NULL:
        return False
    if s.ring != NULL:
        return ring_mark(w, s, b)
    s.remaining -= 1
    if s.remaining == 0:
        link[0] = s.next
    return trace_start(w, b)


# ---- the control plane

cdef class Selection:
    """Packets that one `trace add` with conditions asks for."""

    def __cinit__(self, str node, PacketFilter filter, sw_if_index, uint32_t ring_size):
        self.node, self.filter = node, filter
        self.selection.filter = NULL if filter is None else filter.code
        self.selection.sw_if_index = NO_INDEX if sw_if_index is None else sw_if_index
        self.selection.ring_size = ring_size
        if ring_size:
            self.selection.ring = <uint32_t*> malloc(ring_size * sizeof(uint32_t))
            if self.selection.ring == NULL:
                raise MemoryError("no memory for a ring of traces")

    def __dealloc__(self):
        free(self.selection.ring)

    @property
    def sw_if_index(self):
        """The interface the packets come in by, None for any."""
        return None if self.selection.sw_if_index == NO_INDEX else self.selection.sw_if_index

    def asks_like(self, Selection other) -> bool:
        """Whether both want the same packets of the same node in the same way, however many."""
        texts = [None if s.filter is None else s.filter.text for s in (self, other)]
        return (self.node == other.node and texts[0] == texts[1] and self.sw_if_index == other.sw_if_index
                and (self.selection.ring == NULL) == (other.selection.ring == NULL))

    def as_dict(self) -> dict:
        """ring: packets it keeps, None when it is none. remaining: packets still to come, None for a ring."""
        ring = self.selection.ring_size or None
        return {
            "node": self.node, "filter": None if self.filter is None else self.filter.text,
            "sw_if_index": self.sw_if_index, "ring": ring, "remaining": None if ring else self.selection.remaining,
        }


cdef class Tracer:
    """The trace of one vswitch: `trace add`, `clear trace`, and the packets traced so far."""

    def __cinit__(self, Graph graph):
        self.graph, self.selections = graph, []

    cdef free_records(self):
        cdef uint32_t i
        cdef trace_record_t* records = self.graph.worker.trace.records
        for i in range(self.graph.worker.trace.n_records):
            free(records[i].data)
        free(records)
        memset(&self.graph.worker.trace, 0, sizeof(self.graph.worker.trace))

    def add(self, str node_name, uint32_t n, str filter=None, sw_if_index=None, bint ring=False):
        """Trace the next n packets of an input node, on top of those asked for before.

        filter: of those only the ones a tcpdump expression matches. sw_if_index: only those received on an interface.
        ring: go on, and keep the newest n. What is asked for again in the same words adds to what was asked, but a
        ring takes the place of the one before, whose packets stay. Raises ControlError for a bad expression or size.
        """
        if filter is None and sw_if_index is None and not ring:
            self.graph.set_trace(node_name, n)
            return
        self.graph.node(node_name)
        if ring and not 1 <= n <= MAX_RECORDS:
            raise ControlError(f"a ring keeps 1 to {MAX_RECORDS} packets")
        program = None if filter is None else compile_filter(filter)
        self.select(Selection(node_name, program, sw_if_index, n if ring else 0), n)

    def select(self, Selection wanted, uint32_t n):
        cdef Selection known
        for known in [known for known in self.selections if known.asks_like(wanted)]:
            if known.selection.ring == NULL:
                n = min(n + <uint64_t> known.selection.remaining, <uint64_t> NO_INDEX)
            self.unlink(known)
            self.selections.remove(known)
        wanted.selection.remaining = n
        self.selections.append(wanted)
        if n:
            self.link(wanted)

    cdef link(self, Selection wanted):
        """Put it at the end of its node's list."""
        cdef trace_selection_t** link = &self.graph.node(wanted.node).trace_selections
        while link[0] != NULL:
            link = &link[0].next
        link[0] = &wanted.selection

    cdef unlink(self, Selection known):
        cdef trace_selection_t** link = &self.graph.node(known.node).trace_selections
        while link[0] != NULL and link[0] != &known.selection:
            link = &link[0].next
        if link[0] != NULL:
            link[0] = known.selection.next
        known.selection.next = NULL

    def asked(self) -> list:
        """What was asked for since the last clear: dicts of Selection.as_dict. Budgets first, as far as they last."""
        budgets = [{"node": info.name, "filter": None, "sw_if_index": None, "ring": None, "remaining": remaining}
                   for info in self.graph.nodes if (remaining := self.budget(info.index))]
        return budgets + [(<Selection> known).as_dict() for known in self.selections]

    cdef uint32_t budget(self, uint32_t node_index) noexcept:
        return self.graph.worker.nodes[node_index].trace_remaining

    def interface_deleted(self, interface):
        """Observer: an interface that gets the number later is another one."""
        cdef Selection known
        for known in [known for known in self.selections if known.sw_if_index == interface.sw_if_index]:
            self.unlink(known)
            self.selections.remove(known)

    def clear(self):
        """Forget all packets and what is still asked for."""
        self.free_records()
        self.forget_budgets()

    def forget_budgets(self):
        """Trace no more packets; those traced so far stay."""
        cdef uint32_t i
        for i in range(self.graph.worker.n_nodes):
            self.graph.worker.nodes[i].trace_remaining = 0
            self.graph.worker.nodes[i].trace_selections = NULL
        self.selections = []

    @property
    def remaining(self) -> int:
        """How many packets the input nodes still mark for tracing; a ring's are not counted, they never end."""
        return sum(ask["remaining"] or 0 for ask in self.asked())

    def __len__(self):
        return self.graph.worker.trace.n_records

    def packets(self, choose=None) -> list:
        """Traced packets by the time of their first entry: each a list of (time in ns, NodeInfo, data bytes).

        choose: takes that list and returns a part of it; the other packets are forgotten.
        """
        cdef uint32_t i
        cdef trace_record_t* records = self.graph.worker.trace.records
        found = []
        for i in range(self.graph.worker.trace.n_records):
            entries = self.entries(i)
            if entries:
                found.append((entries[0][0], records[i].number, i, entries))
        found.sort(key=lambda packet: packet[:2])
        packets = [entries for _, _, _, entries in found]
        if choose is None:
            return packets
        chosen = choose(packets)
        kept = {id(entries) for entries in chosen}
        for _, _, slot, entries in found:
            if id(entries) not in kept:
                records[<uint32_t> slot].n_bytes = 0
        return chosen

    cdef list entries(self, uint32_t index):
        cdef trace_record_t* record = &self.graph.worker.trace.records[index]
        cdef trace_entry_t* entry
        cdef uint32_t at = 0
        found = []
        while at < record.n_bytes:
            entry = <trace_entry_t*> (record.data + at)
            data = PyBytes_FromStringAndSize(<char*> (entry + 1), entry.n_bytes)
            found.append((entry.time_ns, self.graph.nodes[entry.node_index], data))
            at += sizeof(trace_entry_t) + ((entry.n_bytes + 7) & ~7)
        return found
