"""Trace records: growing them on the packet path, reading them as Python objects.

How a node's entry prints is the node's own business: its registration names a TraceFormat.
"""

from typing import Any, Callable, NamedTuple

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from .graph cimport Graph, NodeInfo

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
    if trace_index >= w.trace.n_records:        # the trace was cleared while the packet was held
        return scrap
    record = &w.trace.records[trace_index]
    if record.n_bytes + size > record.n_allocated and not grow_record(record, record.n_bytes + size):
        return scrap
    entry = <trace_entry_t*> (record.data + record.n_bytes)
    memset(entry, 0, size)
    entry.time_ns, entry.node_index, entry.n_bytes = w.now_ns, node_index, n_bytes
    record.n_bytes += size
    return entry + 1


cdef void trace_start(worker_t* w, buffer_t* b) noexcept nogil:
    """Give the buffer a record of its own and mark it; without memory it stays unmarked."""
    cdef trace_record_t* grown
    cdef uint32_t wanted
    if w.trace.n_records == w.trace.n_allocated:
        wanted = 2 * w.trace.n_allocated if w.trace.n_allocated else 64
        grown = <trace_record_t*> realloc(w.trace.records, wanted * sizeof(trace_record_t))
        if grown == NULL:
            return
        w.trace.records = grown
        w.trace.n_allocated = wanted
    memset(&w.trace.records[w.trace.n_records], 0, sizeof(trace_record_t))
    b.trace_index = w.trace.n_records
    b.flags |= BUFFER_IS_TRACED
    w.trace.n_records += 1


cdef class Tracer:
    """The trace of one vswitch: `trace add`, `clear trace`, and the packets traced so far."""

    def __cinit__(self, Graph graph):
        self.graph = graph

    cdef free_records(self):
        cdef uint32_t i
        cdef trace_record_t* records = self.graph.worker.trace.records
        for i in range(self.graph.worker.trace.n_records):
            free(records[i].data)
        free(records)
        memset(&self.graph.worker.trace, 0, sizeof(self.graph.worker.trace))

    def add(self, str node_name, uint32_t n):
        """Trace the next n packets of an input node, on top of those asked for before."""
        self.graph.set_trace(node_name, n)

    def clear(self):
        """Forget all packets and what is still asked for."""
        self.free_records()
        self.forget_budgets()

    def forget_budgets(self):
        """Trace no more packets; those traced so far stay."""
        cdef uint32_t i
        for i in range(self.graph.worker.n_nodes):
            self.graph.worker.nodes[i].trace_remaining = 0

    @property
    def remaining(self) -> int:
        """How many packets the input nodes still mark for tracing."""
        cdef uint32_t i
        cdef uint64_t n = 0
        for i in range(self.graph.worker.n_nodes):
            n += self.graph.worker.nodes[i].trace_remaining
        return n

    def __len__(self):
        return self.graph.worker.trace.n_records

    def packets(self, choose=None) -> list:
        """Traced packets by the time of their first entry: each a list of (time in ns, NodeInfo, data bytes).

        choose: takes that list and returns a part of it; the other packets are forgotten.
        """
        cdef uint32_t i
        found = [self.entries(i) for i in range(self.graph.worker.trace.n_records)]
        packets = sorted((entries for entries in found if entries), key=lambda entries: entries[0][0])
        if choose is None:
            return packets
        chosen = choose(packets)
        kept = {id(entries) for entries in chosen}
        for i, entries in enumerate(found):
            if id(entries) not in kept:
                self.graph.worker.trace.records[i].n_bytes = 0
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
