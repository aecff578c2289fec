"""ip4-reassembly: fragments for the vswitch itself wait until their packet is whole (RFC 791; VPP 18.10's rules).

A fragment that overlaps one that is here already is dropped. A reassembly that has heard nothing for 100 ms is given
up when its next fragment comes, or by a timer.
"""

from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from ...core.buffer cimport (
    BUFFER_NEXT_PRESENT,
    BUFFER_TOTAL_LENGTH_VALID,
    buffer_advance,
    buffer_current,
    buffer_free_one,
    buffer_t,
)
from ...core.graph cimport FRAME_TRACE, enqueue_one, frame_t, get_buffer, node_t, set_error, worker_t
from ...core.trace cimport is_traced, trace_add
from ...wire.checksum cimport ip4_header_checksum
from ...wire.headers cimport ip4_header_t, swap16
from .ip4 cimport IP4_ERROR_REASS_DUPLICATE, IP4_ERROR_REASS_LIMIT, IP4_ERROR_REASS_TIMEOUT, Ip4

from .trace import REASSEMBLY_FORMAT

cdef enum:
    NEXT_INPUT = 0
    NEXT_DROP = 1
    OFFSET_MASK = 0x1fff
    MORE_FRAGMENTS = 0x2000
    LONGEST = 65535
    TIMEOUT_NS = 100000000
    WALK_NS = 10000000000

cdef enum:
    TRACE_NEW = 0
    TRACE_OVERLAP = 1
    TRACE_FINALIZE = 2

ctypedef struct reassembly_trace_t:
    uint32_t number
    uint32_t operation
    uint32_t first_buffer
    uint32_t data_length
    uint32_t first
    uint32_t last
    uint32_t action
    uint32_t buffer


cdef inline fragment_t* fragment_of(buffer_t* b) noexcept nogil:
    return <fragment_t*> b.opaque2


cdef inline uint32_t header_bytes(ip4_header_t* ip) noexcept nogil:
    return (ip.version_and_length & 0xf) * 4


# ---- finding, making, giving up

cdef inline uint32_t bucket_of(uint32_t fib_index, ip4_header_t* ip) noexcept nogil:
    cdef uint32_t x = ip.src ^ ip.dst * 0x9e3779b1U ^ ip.fragment_id * 0x85ebca6bU ^ ip.protocol ^ fib_index
    return (x * 0xc2b2ae35U >> 16) & (N_BUCKETS - 1)


cdef reassembly_t* find(reassembly_main_t* rm, uint32_t fib_index, ip4_header_t* ip) noexcept nogil:
    cdef uint32_t at = rm.buckets[bucket_of(fib_index, ip)]
    cdef reassembly_t* r
    while at != NONE:
        r = &rm.slots[at]
        if (r.src == ip.src and r.dst == ip.dst and r.fragment_id == ip.fragment_id and r.protocol == ip.protocol
                and r.fib_index == fib_index):
            return r
        at = r.following
    return NULL


cdef reassembly_t* make(reassembly_main_t* rm, uint32_t fib_index, ip4_header_t* ip) noexcept nogil:
    """A new one without fragments; NULL when there are too many."""
    cdef uint32_t at, bucket = bucket_of(fib_index, ip)
    cdef reassembly_t* r
    if rm.n_free == 0:
        return NULL
    rm.n_free -= 1
    at = rm.free_slots[rm.n_free]
    r = &rm.slots[at]
    r.src, r.dst, r.fragment_id, r.protocol, r.fib_index = ip.src, ip.dst, ip.fragment_id, ip.protocol, fib_index
    r.number, r.n_operations, r.first, r.data_length, r.total_length = rm.next_number, 0, NONE, 0, NONE
    r.n_buffers, r.in_use, r.following = 0, True, rm.buckets[bucket]
    rm.buckets[bucket] = at
    rm.next_number += 1
    return r


cdef void remove(reassembly_main_t* rm, reassembly_t* r) noexcept nogil:
    """Give back the slot; the fragments are somebody else's by now."""
    cdef ip4_header_t key
    cdef uint32_t at = <uint32_t> (r - rm.slots)
    cdef uint32_t* link
    key.src, key.dst, key.fragment_id, key.protocol = r.src, r.dst, r.fragment_id, r.protocol
    link = &rm.buckets[bucket_of(r.fib_index, &key)]
    while link[0] != at:
        link = &rm.slots[link[0]].following
    link[0] = r.following
    r.in_use = False
    rm.free_slots[rm.n_free] = at
    rm.n_free += 1


cdef void give_up(worker_t* w, reassembly_main_t* rm, reassembly_t* r) noexcept nogil:
    """Free its fragments, which were counted as consumed when they came."""
    cdef uint32_t index = r.first, following
    w.error_counters[rm.error_base + IP4_ERROR_REASS_TIMEOUT] += r.n_buffers
    while index != NONE:
        following = fragment_of(get_buffer(w, index)).following
        buffer_free_one(w.cache, index)
        index = following
    remove(rm, r)


cdef uint64_t expire_walk(worker_t* w, void* main, uint64_t now_ns) noexcept nogil:
    """Give up what is too old; runs on while anything waits."""
    cdef reassembly_main_t* rm = <reassembly_main_t*> main
    cdef uint32_t i
    for i in range(MOST_REASSEMBLIES):
        if rm.slots[i].in_use and now_ns - rm.slots[i].heard_ns > TIMEOUT_NS:
            give_up(w, rm, &rm.slots[i])
    return now_ns + WALK_NS if rm.n_free < MOST_REASSEMBLIES else <uint64_t> -1


# ---- fragments

cdef void trace(worker_t* w, node_t* node, reassembly_t* r, uint32_t index, uint32_t action) noexcept nogil:
    cdef buffer_t* b = get_buffer(w, index)
    cdef reassembly_trace_t* entry
    if is_traced(b):
        entry = <reassembly_trace_t*> trace_add(w, node, b, sizeof(reassembly_trace_t))
        entry.number, entry.operation, entry.first_buffer = r.number, r.n_operations, r.first
        entry.data_length, entry.action, entry.buffer = r.data_length, action, index
        entry.first, entry.last = fragment_of(b).first, fragment_of(b).last
    r.n_operations += 1


cdef bint describe(buffer_t* b, uint32_t* total_length) noexcept nogil:
    """Note in the buffer which bytes it holds; False for a fragment that cannot be. total_length: NONE if not last."""
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    cdef uint32_t word = swap16(ip.flags_and_offset), first = (word & OFFSET_MASK) * 8
    cdef uint32_t header = header_bytes(ip), length = swap16(ip.length)
    fragment_of(b).first, fragment_of(b).last, total_length[0] = 0, 0, NONE
    if b.flags & BUFFER_NEXT_PRESENT or length > b.current_length or length <= header:
        return False
    length -= header
    if first + length > LONGEST - header or (word & MORE_FRAGMENTS and length & 7):
        return False
    fragment_of(b).first, fragment_of(b).last = <uint16_t> first, <uint16_t> (first + length - 1)
    if not word & MORE_FRAGMENTS:
        total_length[0] = first + length
    return True


cdef bint insert(worker_t* w, reassembly_t* r, uint32_t index) noexcept nogil:
    """Put a fragment in its place; False when it overlaps another or stands behind the end."""
    cdef fragment_t* new = fragment_of(get_buffer(w, index))
    cdef fragment_t* before = NULL
    cdef uint32_t at = r.first
    while at != NONE and fragment_of(get_buffer(w, at)).last < new.first:
        before = fragment_of(get_buffer(w, at))
        at = before.following
    if (at != NONE and fragment_of(get_buffer(w, at)).first <= new.last) or new.last >= r.total_length:
        return False
    new.following = at
    if before == NULL:
        r.first = index
    else:
        before.following = index
    r.data_length += new.last - new.first + 1
    r.n_buffers += 1
    return True


cdef void join(worker_t* w, reassembly_t* r) noexcept nogil:
    """Make the fragments one chain behind the first one's header."""
    cdef buffer_t* head = get_buffer(w, r.first)
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(head)
    cdef uint32_t header = header_bytes(ip), index = r.first, following
    cdef buffer_t* b
    while index != NONE:
        b = get_buffer(w, index)
        following = fragment_of(b).following
        b.current_length = <uint16_t> (
            header_bytes(<ip4_header_t*> buffer_current(b)) + fragment_of(b).last - fragment_of(b).first + 1)
        if b != head:
            buffer_advance(b, header_bytes(<ip4_header_t*> buffer_current(b)))
        if following != NONE:
            b.flags |= BUFFER_NEXT_PRESENT
            b.next_buffer = following
        index = following
    head.flags |= BUFFER_TOTAL_LENGTH_VALID
    head.total_length_not_including_first_buffer = header + r.data_length - head.current_length
    ip.length = swap16(<uint16_t> (header + r.data_length))
    ip.flags_and_offset = 0
    ip.checksum = ip4_header_checksum(ip, header)


cdef void refuse(worker_t* w, node_t* node, uint32_t index, uint32_t error, uint32_t frame_flags) noexcept nogil:
    set_error(get_buffer(w, index), node, error)
    enqueue_one(w, node, index, NEXT_DROP, frame_flags)


cdef void take(worker_t* w, node_t* node, uint32_t index, uint32_t frame_flags) noexcept nogil:
    """Let a fragment wait, or send on the packet it completes."""
    cdef reassembly_main_t* rm = <reassembly_main_t*> node.main
    cdef buffer_t* b = get_buffer(w, index)
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    cdef uint32_t total_length, fib_index = b.u.ip.fib_index
    cdef reassembly_t* r = find(rm, fib_index, ip)
    if r != NULL and w.now_ns - r.heard_ns > TIMEOUT_NS:
        give_up(w, rm, r)
        r = NULL
    if r == NULL:
        r = make(rm, fib_index, ip)
        if r == NULL:
            refuse(w, node, index, IP4_ERROR_REASS_LIMIT, frame_flags)
            return
    r.heard_ns = w.now_ns
    if not describe(b, &total_length) or not insert(w, r, index):
        trace(w, node, r, index, TRACE_OVERLAP)
        refuse(w, node, index, IP4_ERROR_REASS_DUPLICATE, frame_flags)
        if r.n_buffers == 0:
            remove(rm, r)
        return
    w.n_consumed += 1
    if total_length != NONE:
        r.total_length = total_length
    trace(w, node, r, index, TRACE_NEW)
    if r.data_length == r.total_length:
        trace(w, node, r, r.first, TRACE_FINALIZE)
        join(w, r)
        w.n_generated += 1
        enqueue_one(w, node, r.first, NEXT_INPUT, frame_flags)
        remove(rm, r)
    elif w.processes[rm.process].deadline_ns == <uint64_t> -1:
        w.processes[rm.process].deadline_ns = w.now_ns + WALK_NS
        if w.next_deadline_ns > w.now_ns + WALK_NS:
            w.next_deadline_ns = w.now_ns + WALK_NS


cdef void ip4_reassembly(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    cdef uint32_t i
    for i in range(frame.n_vectors):
        take(w, node, frame.indices[i], frame.flags & FRAME_TRACE)


cdef class Reassembly:
    """The fragments of one vswitch that wait."""

    def __cinit__(self, Ip4 ip4):
        cdef uint32_t i
        self.ip4 = ip4
        self.main = <reassembly_main_t*> calloc(1, sizeof(reassembly_main_t))
        if self.main == NULL:
            raise MemoryError("no memory for reassemblies")
        for i in range(MOST_REASSEMBLIES):
            self.main.free_slots[i] = MOST_REASSEMBLIES - 1 - i
        for i in range(N_BUCKETS):
            self.main.buckets[i] = NONE
        self.main.n_free = MOST_REASSEMBLIES
        self.main.process = ip4.graph.add_process("ip4-reassembly-expire-walk", expire_walk, self.main,
                                                  <uint64_t> -1)

    def __dealloc__(self):
        free(self.main)

    def stats(self) -> dict:
        """Reassemblies under way, the most there may be, and buffers they hold."""
        cdef uint32_t i, n_buffers = 0
        for i in range(MOST_REASSEMBLIES):
            if self.main.slots[i].in_use:
                n_buffers += self.main.slots[i].n_buffers
        return {"reassemblies": MOST_REASSEMBLIES - self.main.n_free, "limit": MOST_REASSEMBLIES, "buffers": n_buffers}


def register(Reassembly reassembly):
    cdef Ip4 ip4 = reassembly.ip4
    ip4.graph.register("ip4-reassembly", ip4_reassembly, reassembly.main, "internal", ("ip4-input", "ip4-drop"),
                       ip4.profile.errors, None, None, REASSEMBLY_FORMAT, 0)
    reassembly.main.error_base = ip4.graph.node("ip4-reassembly").error_base
