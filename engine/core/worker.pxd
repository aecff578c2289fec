"""The structs of the packet path: frames of up to 256 buffer indices, nodes, and the worker that runs them.

Every thread has a worker of its own, with its own copy of every node; what they share is changed only while all
of them wait. graph.pxd hands these names on: it is what nodes cimport.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from .bpf cimport bpf_insn_t
from .buffer cimport buffer_at, buffer_cache_t, buffer_pool_t, buffer_t
from .counters cimport interface_counters_t

cdef enum:
    FRAME_SIZE = 256
    FRAME_TRACE = 1             # frame_t.flags: some buffer of the frame is traced
    FRAME_OFFLOAD = 2           # some buffer has a checksum or a segmentation still to be done
    NO_INDEX = 0xffffffffU      # VPP's ~0

ctypedef struct frame_t:
    uint32_t n_vectors
    uint32_t flags
    uint32_t node_index         # where it is going
    uint32_t reserved
    uint32_t indices[FRAME_SIZE]

ctypedef struct next_t:
    uint32_t node_index
    uint32_t reserved
    uint64_t vectors            # packets that went this way

ctypedef struct node_t:
    void (*function)(worker_t* w, node_t* node, frame_t* frame) noexcept nogil
    void* main                  # state of the feature the node belongs to
    uint32_t index
    uint32_t runtime            # interface nodes: sw_if_index; otherwise the node's own
    uint32_t error_base         # buffer_t.error of the node's first error counter
    uint32_t n_next
    next_t* next_nodes          # by next index
    frame_t* open_frame         # on its way here and not yet full
    uint32_t trace_remaining    # packets an input node still marks for tracing, whatever they are
    uint32_t max_clocks_vectors # packets of the call that took max_clocks
    uint64_t calls
    uint64_t vectors
    uint64_t clocks             # time stamp counter ticks
    uint64_t max_clocks         # of one call
    trace_selection_t* trace_selections     # of an input node: what else it marks; NULL for nothing

ctypedef struct process_t:
    # a timer: runs when the engine's clock reaches deadline_ns, and says when it wants to run again
    uint64_t (*function)(worker_t* w, void* main, uint64_t now_ns) noexcept nogil
    void* main
    uint64_t deadline_ns
    uint64_t calls
    uint64_t clocks

ctypedef struct trace_record_t:
    uint8_t* data               # entries one behind the other, see trace.pxd
    uint32_t n_bytes
    uint32_t n_allocated
    uint32_t trace_index        # of the buffers that may write here; a ring gives the record to others
    uint32_t reserved
    uint64_t number             # of the packet, by the order in which they were marked

ctypedef struct trace_main_t:
    trace_record_t* records
    uint32_t n_records
    uint32_t n_allocated
    uint64_t n_marked           # packets marked so far
    uint64_t n_budgeted         # of these, by a node's trace_remaining

ctypedef struct trace_selection_t:
    # a `trace add` that wants certain packets only, or keeps the newest; see trace.pyx
    trace_selection_t* next
    const bpf_insn_t* filter    # NULL: any packet
    uint32_t sw_if_index        # it came in by; NO_INDEX: any
    uint32_t remaining          # packets still to be marked; unused by a ring
    uint32_t* ring              # slots of its records, the oldest at ring_at when it is full; NULL: no ring
    uint32_t ring_size
    uint32_t ring_used
    uint32_t ring_at

ctypedef struct capture_hook_t:
    # who listens to the packets that pass a place of the vswitch: called once a frame; take is NULL for nobody
    void (*take)(worker_t* w, void* main, uint32_t sw_if_index, const uint32_t* indices, uint32_t n) noexcept nogil
    void* main

ctypedef struct worker_t:
    buffer_pool_t* pool
    buffer_cache_t* cache
    node_t* nodes
    uint32_t n_nodes
    uint32_t thread_index
    uint64_t now_ns             # the engine's clock, see clock.pyx
    uint64_t* error_counters    # by buffer_t.error: everything `show errors` lists
    uint64_t* drop_counters     # by buffer_t.error: packets dropped or punted for that reason
    interface_counters_t* interface_counters    # by sw_if_index
    uint32_t* feature_config    # the heap of all feature strings, see features.pxd
    trace_main_t trace
    # frames waiting for dispatch: a ring, first in first out
    frame_t** pending
    uint32_t pending_head
    uint32_t pending_tail
    uint32_t pending_mask
    frame_t** free_frames
    uint32_t n_free_frames
    uint32_t n_frames
    frame_t** frame_blocks      # what was allocated, one block a doubling
    uint32_t n_frame_blocks
    bint frame_moved            # the frame being dispatched was handed on whole
    # conservation: received + generated = transmitted + consumed + dropped
    uint64_t n_received
    uint64_t n_generated        # made by the engine: ARP requests, fragments, copies
    uint64_t n_transmitted
    uint64_t n_consumed         # kept or absorbed on purpose
    uint64_t n_dropped          # dropped and punted
    uint64_t n_punted           # of n_dropped
    process_t* processes
    uint32_t n_processes
    uint64_t next_deadline_ns
    uint32_t drop_node_index    # error-drop
    capture_hook_t captures[3]  # by CAPTURE_*, see capture.pxd


cdef inline buffer_t* get_buffer(worker_t* w, uint32_t index) noexcept nogil:
    return buffer_at(w.pool, index)


cdef inline void count_error(worker_t* w, node_t* node, uint32_t code, uint64_t n) noexcept nogil:
    """Credit n events to the node's error counter `code`."""
    w.error_counters[node.error_base + code] += n


cdef inline void set_error(buffer_t* b, node_t* node, uint32_t code) noexcept nogil:
    """The reason under which the packet is counted if it ends in error-drop or error-punt."""
    b.error = <uint16_t> (node.error_base + code)


cdef inline void wake_process(worker_t* w, uint32_t process_index, uint64_t deadline_ns) noexcept nogil:
    """Let a timer run at deadline_ns, or before if it wants to run before."""
    if deadline_ns < w.processes[process_index].deadline_ns:
        w.processes[process_index].deadline_ns = deadline_ns
    if deadline_ns < w.next_deadline_ns:
        w.next_deadline_ns = deadline_ns
