"""The dispatch loop: one frame after the other, and the timers that are due between them."""

from libc.stdint cimport uint32_t, uint64_t

from .clock cimport read_tsc


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
