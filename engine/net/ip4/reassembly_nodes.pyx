"""ip4-reassembly: fragments for the vswitch itself wait until their packet is whole (RFC 791; VPP 18.10's rules).

ip4-reassembly-feature does the same for all fragments of an interface.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport buffer_current, buffer_t
from ...core.features cimport feature_next
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    enqueue_buffers,
    enqueue_frame,
    enqueue_one,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    wake_process,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...tables.bihash cimport bihash_hash, bihash_prefetch
from ...wire.headers cimport ip4_header_t, is_fragment, swap16
from ..fib.fib cimport buffer_fib_index
from .fragments cimport (
    NONE,
    behind,
    describe,
    find_place,
    fits,
    fragment_of,
    fragment_t,
    insert,
    join,
    reassembly_t,
    unlink,
)
from .ip4 cimport IP4_ERROR_REASS_DUPLICATE, IP4_ERROR_REASS_LIMIT, Ip4
from .reassembly cimport NW, Reassembly, reassembly_main_t, reassembly_of, remove

from .drop import BEFORE_NOT_ENABLED
from .trace import REASSEMBLY_FORMAT

cdef enum:
    NEXT_INPUT = 0
    NEXT_DROP = 1
    MORE_FRAGMENTS = 0x2000

cdef enum:
    TRACE_NEW = 0
    TRACE_OVERLAP = 1
    TRACE_FINALIZE = 2
    TRACE_SHRINK = 3
    TRACE_DISCARD = 4

ctypedef struct reassembly_trace_t:
    uint32_t number
    uint32_t operation
    uint32_t first_buffer
    uint32_t data_length
    uint32_t first
    uint32_t last
    uint32_t action
    uint32_t buffer
    uint32_t range_first
    uint32_t range_last
    uint32_t by                 # bytes that a range shrank


# ---- fragments

cdef void trace(worker_t* w, node_t* node, reassembly_t* r, uint32_t index, uint32_t action,
                uint32_t by) noexcept nogil:
    cdef buffer_t* b = get_buffer(w, index)
    cdef fragment_t* fragment = fragment_of(w, index)
    cdef reassembly_trace_t* entry
    if not is_traced(b):
        return
    entry = <reassembly_trace_t*> trace_add(w, node, b, sizeof(reassembly_trace_t))
    entry.number, entry.operation, entry.first_buffer = r.number, r.n_operations, r.first
    entry.data_length, entry.action, entry.buffer, entry.by = r.data_length, action, index, by
    entry.first, entry.last = fragment.first, fragment.last
    entry.range_first, entry.range_last = fragment.range_first, fragment.range_last
    r.n_operations += 1


cdef inline uint32_t flags_of(buffer_t* b) noexcept nogil:
    """Flags of the frame a packet goes on in: it may be traced when the frame that moves it is not."""
    return FRAME_TRACE if is_traced(b) else 0


cdef void refuse(worker_t* w, node_t* node, uint32_t index, uint32_t error) noexcept nogil:
    cdef buffer_t* b = get_buffer(w, index)
    set_error(b, node, error)
    enqueue_one(w, node, index, NEXT_DROP, flags_of(b))


cdef void make_room(worker_t* w, node_t* node, reassembly_t* r, uint32_t before, fragment_t* new) noexcept nogil:
    """Take from those behind a place what the new fragment brings too; drop those that lose all."""
    cdef reassembly_main_t* rm = <reassembly_main_t*> node.main
    cdef uint32_t at = behind(w, r, before), by
    cdef fragment_t* other
    while at != NONE and fragment_of(w, at).range_first <= new.last:
        other = fragment_of(w, at)
        if other.range_last > new.last:
            by = <uint32_t> new.last + 1 - other.range_first
            other.range_first = <uint16_t> (new.last + 1)
            r.data_length -= by
            trace(w, node, r, at, TRACE_SHRINK, by)
            return
        unlink(w, r, before)
        rm.n_buffers -= other.n_buffers
        trace(w, node, r, at, TRACE_DISCARD, 0)
        w.n_generated += 1
        refuse(w, node, at, IP4_ERROR_REASS_DUPLICATE)
        at = behind(w, r, before)


cdef bint take(worker_t* w, node_t* node, reassembly_t* r, uint32_t index, bint more) noexcept nogil:
    """Let a fragment wait; False for one that brings nothing, or what cannot be."""
    cdef reassembly_main_t* rm = <reassembly_main_t*> node.main
    cdef fragment_t* new = fragment_of(w, index)
    cdef uint32_t before
    if not fits(w, r, new, more) or not find_place(w, r, new, &before):
        trace(w, node, r, index, TRACE_OVERLAP, 0)
        return False
    make_room(w, node, r, before, new)
    insert(w, r, before, index)
    if not more:
        r.total_length = <uint32_t> new.last + 1
    rm.n_buffers += new.n_buffers
    w.n_consumed += 1
    trace(w, node, r, index, TRACE_NEW, 0)
    return True


cdef uint32_t finish(worker_t* w, node_t* node, reassembly_t* r) noexcept nogil:
    """Buffer index of the whole packet; the reassembly is over."""
    cdef uint32_t index = r.first
    trace(w, node, r, index, TRACE_FINALIZE, 0)
    join(w, r)
    remove(<reassembly_main_t*> node.main, r)
    w.n_generated += 1
    return index


cdef uint32_t add(worker_t* w, node_t* node, uint32_t index, uint64_t* key, uint32_t hash) noexcept nogil:
    """Deal with one fragment. Buffer index of the packet it completes, NONE as a rule."""
    cdef reassembly_main_t* rm = <reassembly_main_t*> node.main
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(get_buffer(w, index))
    cdef bint more = swap16(ip.flags_and_offset) & MORE_FRAGMENTS != 0
    cdef reassembly_t* r
    if not describe(w, index):
        refuse(w, node, index, IP4_ERROR_REASS_DUPLICATE)
        return NONE
    r = reassembly_of(w, rm, key, hash)
    if (r == NULL or r.n_fragments >= rm.most_fragments
            or rm.n_buffers + fragment_of(w, index).n_buffers > rm.most_buffers):
        if r != NULL and r.n_fragments == 0:
            remove(rm, r)
        refuse(w, node, index, IP4_ERROR_REASS_LIMIT)
        return NONE
    r.heard_ns = w.now_ns
    if not take(w, node, r, index, more):
        refuse(w, node, index, IP4_ERROR_REASS_DUPLICATE)
        return NONE
    if r.data_length == r.total_length:
        return finish(w, node, r)
    wake_process(w, rm.process, w.now_ns + rm.walk_ns)
    return NONE


cdef inline void hash_fragment(reassembly_main_t* rm, buffer_t* b, uint32_t fib_index, uint64_t* key,
                               uint32_t* hash) noexcept nogil:
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    key[0] = <uint64_t> ip.src | <uint64_t> ip.dst << 32
    key[1] = <uint64_t> ip.fragment_id | <uint64_t> ip.protocol << 16 | <uint64_t> fib_index << 32
    hash[0] = bihash_hash(key, NW)
    bihash_prefetch(&rm.by_key, hash[0], NW)


cdef void ip4_reassembly(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """Fragments for the vswitch; whole packets begin again at ip4-input."""
    cdef reassembly_main_t* rm = <reassembly_main_t*> node.main
    cdef uint64_t keys[NW * FRAME_SIZE]
    cdef uint32_t hashes[FRAME_SIZE]
    cdef uint32_t i, whole
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        hash_fragment(rm, b, b.u.ip.fib_index, &keys[NW * i], &hashes[i])
    for i in range(frame.n_vectors):
        whole = add(w, node, frame.indices[i], &keys[NW * i], hashes[i])
        if whole != NONE:
            enqueue_one(w, node, whole, NEXT_INPUT, flags_of(get_buffer(w, whole)))


cdef void take_on_arc(worker_t* w, node_t* node, uint32_t index) noexcept nogil:
    """A fragment on an interface's arc. The whole packet goes on from where this one is, not from where the first was:
    the interface's features may be others by now.
    """
    cdef reassembly_main_t* rm = <reassembly_main_t*> node.main
    cdef buffer_t* b = get_buffer(w, index)
    cdef uint64_t key[NW]
    cdef uint32_t hash, config_index, whole, next_index = feature_next(w, b)
    cdef uint8_t arc_index = b.feature_arc_index
    config_index = b.current_config_index
    hash_fragment(rm, b, buffer_fib_index(rm.fib, b), key, &hash)
    whole = add(w, node, index, key, hash)
    if whole != NONE:
        b = get_buffer(w, whole)
        b.current_config_index, b.feature_arc_index = config_index, arc_index
        enqueue_one(w, node, whole, next_index, flags_of(b))


cdef void ip4_reassembly_feature(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """What is no fragment passes, and leaves no trace."""
    cdef uint32_t indices[FRAME_SIZE]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, n = 0
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        if is_fragment(<ip4_header_t*> buffer_current(b)):
            take_on_arc(w, node, frame.indices[i])
        else:
            indices[n], nexts[n] = frame.indices[i], feature_next(w, b)
            n += 1
    if n == frame.n_vectors:
        enqueue_frame(w, node, frame, nexts)
    else:
        enqueue_buffers(w, node, indices, nexts, n, frame.flags)


def register(Reassembly reassembly):
    cdef Ip4 ip4 = reassembly.ip4
    name = "ip4-reassembly-feature"
    ip4.graph.register("ip4-reassembly", ip4_reassembly, &reassembly.main, "internal", ("ip4-input", "ip4-drop"),
                       ip4.profile.errors, None, None, REASSEMBLY_FORMAT, 0)
    ip4.graph.register(name, ip4_reassembly_feature, &reassembly.main, "internal", ("ip4-input", "ip4-drop"),
                       ip4.profile.errors, None, None, REASSEMBLY_FORMAT, 0)
    ip4.features.add_feature("ip4-unicast", name, (), tuple(other for other in BEFORE_NOT_ENABLED if other != name))
    reassembly.main.error_base = ip4.graph.node("ip4-reassembly").error_base
