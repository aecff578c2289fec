"""Frames on their way from node to node: recycled memory, and the queue in which they wait."""

from libc.stdint cimport uint16_t, uint32_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy


cdef enum:
    INITIAL_RING = 1024


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
