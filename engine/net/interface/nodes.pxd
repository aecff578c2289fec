from ...core.graph cimport frame_t, node_t, worker_t

cdef void interface_output(worker_t* w, node_t* node, frame_t* frame) noexcept nogil
cdef void named_output(worker_t* w, node_t* node, frame_t* frame) noexcept nogil
cdef void null_tx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil
