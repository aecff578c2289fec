"""The graph of nodes. What a node needs of frames, workers and dispatch can be cimported from here."""

from libc.stdint cimport uint32_t, uint64_t

from .dispatch cimport account, dispatch_pending, run_processes
from .frames cimport enqueue_buffers, enqueue_frame, enqueue_frame_to, enqueue_one, enqueue_same, open_frame
from .worker cimport (
    FRAME_OFFLOAD,
    FRAME_SIZE,
    FRAME_TRACE,
    NO_INDEX,
    count_error,
    frame_t,
    get_buffer,
    next_t,
    node_t,
    process_t,
    set_error,
    trace_record_t,
    trace_selection_t,
    wake_process,
    worker_t,
)
from .workers cimport Workers


cdef class NodeInfo:
    cdef readonly uint32_t index
    cdef readonly str name
    cdef readonly str kind              # "input", "internal", "process"
    cdef readonly object format_trace   # see trace.pyx
    cdef readonly list next_names       # declared and added next nodes, by next index
    cdef readonly list errors
    cdef public bint traceable
    cdef NodeInfo sibling_of
    cdef list siblings                  # all nodes that share this one's next indices, itself included
    cdef NodeInfo error_owner


ctypedef void (*node_function_t)(worker_t* w, node_t* node, frame_t* frame) noexcept nogil
ctypedef uint64_t (*process_function_t)(worker_t* w, void* main, uint64_t now_ns) noexcept nogil


cdef class Graph(Workers):
    cdef readonly dict by_name
    cdef bint resolved
    cdef NodeInfo register(self, str name, node_function_t function, void* main, str kind,
                           tuple next_nodes, tuple errors, str errors_of, str sibling_of,
                           object format_trace, uint32_t runtime)
    cdef bind(self, str name, node_function_t function, void* main, uint32_t runtime, object format_trace)
    cdef set_main(self, str name, void* main)
    cdef set_runtime(self, str name, uint32_t runtime)
    cdef uint32_t new_node(self, node_function_t function, void* main, uint32_t runtime) except? 0xffffffffU
    cdef set_error_base(self, uint32_t index, uint32_t base)
    cdef reserve_errors(self, uint32_t n)
    cdef resolve_node(self, NodeInfo info)
    cdef node_t* node(self, str name) except NULL
    cdef uint32_t add_process(self, str name, process_function_t function, void* main,
                              uint64_t first_deadline_ns) except? 0xffffffffU
    cdef void set_deadline(self, uint32_t process_index, uint64_t deadline_ns)
