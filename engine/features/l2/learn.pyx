"""l2-learn: where a source address is. Frames of addresses that are filtered or pinned elsewhere are dropped.

Three passes: keys, hashes and prefetch; search; what is known is compared, and the table changed where it must be.
What a frame teaches holds for the next frame of the same vector.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport SW_IF_INDEX_RX, buffer_current, buffer_t, likely
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    count_error,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...tables.bihash cimport bihash_add, bihash_hash, bihash_prefetch, bihash_search
from .l2 cimport (
    ENTRY_AGE_NOT,
    ENTRY_FILTER,
    ENTRY_STATIC,
    L2State,
    l2_main_t,
    l2_node_t,
    l2_value_t,
    mac_key,
    minutes_of,
    next_feature,
    trace_frames,
)

from .trace import LEARN_FORMAT

NEXTS = ("error-drop", "l2-fwd")
ERRORS = ("L2 learn packets", "L2 learn misses", "L2 mac moves", "L2 mac move violations",
          "L2 not learned due to limit", "L2 learn hit updates", "L2 filter mac drops")

cdef enum:
    NEXT_DROP = 0
    ERROR_PACKETS = 0
    ERROR_MISS = 1
    ERROR_MOVE = 2
    ERROR_VIOLATION = 3
    ERROR_LIMIT = 4
    ERROR_UPDATE = 5
    ERROR_FILTER = 6
    PASS = 0xffff               # no error: the frame goes on
    MOST_UPDATES = 2            # of entries that are one minute old, in one frame
    MAC_BITS = 48

cdef enum:
    UNKNOWN = 0xffffffffffffffffU

ctypedef struct learn_frame_t:
    uint8_t now                 # minutes
    bint changed                # the table, by a packet of this frame
    uint32_t n_updates
    uint64_t keys[FRAME_SIZE]
    uint32_t hashes[FRAME_SIZE]
    l2_value_t known[FRAME_SIZE]


cdef inline bint is_current(l2_value_t* known, buffer_t* b, uint8_t now) noexcept nogil:
    """Heard on the same interface, not flushed since, and not old."""
    return (known.entry.sw_if_index == b.sw_if_index[SW_IF_INDEX_RX] and known.entry.sn == b.u.l2.l2fib_sn
            and (known.entry.timestamp == now or b.u.l2.bd_age == 0))


cdef void store(l2_main_t* m, learn_frame_t* f, buffer_t* b, uint64_t key, uint32_t hash,
                l2_value_t* value) noexcept nogil:
    value.entry.sw_if_index = b.sw_if_index[SW_IF_INDEX_RX]
    value.entry.timestamp, value.entry.sn = f.now, b.u.l2.l2fib_sn
    bihash_add(&m.macs, &key, hash, value.word, 1)
    f.changed = True


cdef void learn_new(worker_t* w, node_t* node, learn_frame_t* f, buffer_t* b, uint32_t i) noexcept nogil:
    cdef l2_main_t* m = (<l2_node_t*> node.main).main
    cdef l2_value_t value
    count_error(w, node, ERROR_MISS, 1)
    if m.n_learned >= m.learn_limit:
        count_error(w, node, ERROR_LIMIT, 1)
    elif f.keys[i] << (64 - MAC_BITS) != 0:
        m.n_learned += 1
        value.word = 0
        store(m, f, b, f.keys[i], f.hashes[i], &value)


cdef uint16_t learn_move(worker_t* w, node_t* node, learn_frame_t* f, buffer_t* b, uint32_t i) noexcept nogil:
    """An address that was elsewhere; the error of a frame that is dropped for it, else PASS."""
    cdef l2_main_t* m = (<l2_node_t*> node.main).main
    cdef l2_value_t value = f.known[i]
    if value.entry.flags & ENTRY_FILTER:
        return ERROR_FILTER
    if value.entry.flags & ENTRY_STATIC:
        return ERROR_VIOLATION
    if value.entry.flags & ENTRY_AGE_NOT:
        m.n_learned += 1
        value.entry.flags &= <uint8_t> ~ENTRY_AGE_NOT
    count_error(w, node, ERROR_MOVE, 1)
    store(m, f, b, f.keys[i], f.hashes[i], &value)
    return PASS


cdef void refresh(worker_t* w, node_t* node, learn_frame_t* f, buffer_t* b, uint32_t i) noexcept nogil:
    """An address heard again after a while, or after a flush. Not all are entered at the turn of a minute at once."""
    cdef l2_main_t* m = (<l2_node_t*> node.main).main
    cdef l2_value_t value = f.known[i]
    cdef bint flushed = value.entry.sn != b.u.l2.l2fib_sn
    if value.entry.flags & ENTRY_AGE_NOT or m.n_learned > m.learn_limit:
        return
    if f.n_updates > MOST_UPDATES and <uint8_t> (f.now - value.entry.timestamp) == 1 and not flushed:
        return
    f.n_updates += 1
    store(m, f, b, f.keys[i], f.hashes[i], &value)


cdef uint16_t learn_one(worker_t* w, node_t* node, learn_frame_t* f, buffer_t* b, uint32_t i) noexcept nogil:
    """The cases that the loop does not decide itself: the error of a frame that is dropped, else PASS."""
    cdef l2_main_t* m = (<l2_node_t*> node.main).main
    if f.changed:
        f.known[i].word = UNKNOWN
        bihash_search(&m.macs, &f.keys[i], f.hashes[i], 1, &f.known[i].word)
    if f.known[i].word == UNKNOWN:
        learn_new(w, node, f, b, i)
    elif f.known[i].entry.sw_if_index != b.sw_if_index[SW_IF_INDEX_RX]:
        return learn_move(w, node, f, b, i)
    elif not is_current(&f.known[i], b, f.now):
        refresh(w, node, f, b, i)
    return PASS


cdef inline void look_up(worker_t* w, l2_main_t* m, frame_t* frame, learn_frame_t* f) noexcept nogil:
    cdef uint32_t i
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        f.keys[i] = mac_key(buffer_current(b) + 6, b.u.l2.bd_index)
        f.hashes[i] = bihash_hash(&f.keys[i], 1)
        bihash_prefetch(&m.macs, f.hashes[i], 1)
    for i in range(frame.n_vectors):
        f.known[i].word = UNKNOWN
        bihash_search(&m.macs, &f.keys[i], f.hashes[i], 1, &f.known[i].word)


cdef void l2_learn(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef l2_node_t* n = <l2_node_t*> node.main
    cdef learn_frame_t f
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint16_t error
    cdef uint32_t i
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_frames(w, node, frame, SW_IF_INDEX_RX)
    f.now, f.changed, f.n_updates = minutes_of(w.now_ns), False, 0
    look_up(w, n.main, frame, &f)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        nexts[i] = next_feature(n.nexts, b, n.main.bits.learn)
        if likely(is_current(&f.known[i], b, f.now), 1):
            continue
        error = learn_one(w, node, &f, b, i)
        if error != PASS:
            set_error(b, node, error)
            nexts[i] = NEXT_DROP
    count_error(w, node, ERROR_PACKETS, frame.n_vectors)
    count_error(w, node, ERROR_UPDATE, f.n_updates)
    enqueue_frame(w, node, frame, nexts)


def register(L2State l2):
    l2.register_node("l2-learn", l2_learn, True, NEXTS, ERRORS, LEARN_FORMAT)
