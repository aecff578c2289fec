"""The packets that are not whole yet: found by what makes a packet (RFC 791), made, given up; and their limits.

A reassembly that has heard nothing for the timeout is given up when its next fragment comes, or by a timer. Unlike
VPP's, a packet may only have so many fragments, and only half of all buffers may wait, so that fragments alone never
stop the vswitch.
"""

from ipaddress import IPv4Address
from struct import pack

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from ...core.buffer cimport SW_IF_INDEX_RX, buffer_free_one
from ...core.graph cimport get_buffer, worker_t
from ...tables.bihash cimport bihash_add, bihash_del, bihash_free, bihash_hash, bihash_init, bihash_search, bihash_t
from .fragments cimport NONE, fragment_of, fragment_t, range_length, reassembly_t
from .ip4 cimport IP4_ERROR_REASS_TIMEOUT, Ip4

from ...errors import ControlError

TIMEOUT_MS, WALK_MS, LIMIT, MOST_FRAGMENTS = 100, 10000, 1024, 1024
LONGEST_MS = 1 << 31


cdef reassembly_t* make(reassembly_main_t* rm, uint64_t* key, uint32_t hash) noexcept nogil:
    """A new one without fragments; NULL when there are too many."""
    cdef uint32_t slot = rm.first_free
    cdef reassembly_t* r
    if slot == NONE or rm.n_in_use >= rm.limit or bihash_add(&rm.by_key, key, hash, slot, NW) != 0:
        return NULL
    r = &rm.slots[slot]
    rm.first_free = r.following
    memset(r, 0, sizeof(reassembly_t))
    r.key[0], r.key[1], r.number, r.in_use = key[0], key[1], rm.next_number, True
    r.first = r.last = r.total_length = NONE
    rm.next_number += 1
    rm.n_in_use += 1
    return r


cdef void remove(reassembly_main_t* rm, reassembly_t* r) noexcept nogil:
    """Give back the slot; the fragments are somebody else's by now."""
    bihash_del(&rm.by_key, r.key, bihash_hash(r.key, NW), NW)
    r.in_use = False
    r.following = rm.first_free
    rm.first_free = <uint32_t> (r - rm.slots)
    rm.n_in_use -= 1
    rm.n_buffers -= r.n_buffers


cdef void give_up(worker_t* w, reassembly_main_t* rm, reassembly_t* r) noexcept nogil:
    """Free its fragments, which were counted as consumed when they came."""
    cdef uint32_t index = r.first, following
    while index != NONE:
        following = fragment_of(w, index).following
        buffer_free_one(w.cache, index)
        index = following
    remove(rm, r)


cdef inline bint is_late(reassembly_main_t* rm, reassembly_t* r, uint64_t now_ns) noexcept nogil:
    return now_ns - r.heard_ns > rm.timeout_ns


cdef void time_out(worker_t* w, reassembly_main_t* rm, reassembly_t* r) noexcept nogil:
    w.error_counters[rm.error_base + IP4_ERROR_REASS_TIMEOUT] += r.n_fragments
    give_up(w, rm, r)


cdef uint64_t expire_walk(worker_t* w, void* main, uint64_t now_ns) noexcept nogil:
    """Give up what is too old; runs on while anything waits."""
    cdef reassembly_main_t* rm = <reassembly_main_t*> main
    cdef uint32_t i
    for i in range(rm.n_slots):
        if rm.slots[i].in_use and is_late(rm, &rm.slots[i], now_ns):
            time_out(w, rm, &rm.slots[i])
    return now_ns + rm.walk_ns if rm.n_in_use else <uint64_t> -1


cdef reassembly_t* reassembly_of(worker_t* w, reassembly_main_t* rm, uint64_t* key, uint32_t hash) noexcept nogil:
    """The one a fragment belongs to, a new one if need be; NULL when there are too many."""
    cdef uint64_t slot
    cdef reassembly_t* r
    if bihash_search(&rm.by_key, key, hash, NW, &slot):
        r = &rm.slots[slot]
        if not is_late(rm, r, w.now_ns):
            return r
        time_out(w, rm, r)
    return make(rm, key, hash)


cdef bint came_by(worker_t* w, reassembly_t* r, uint32_t sw_if_index) noexcept nogil:
    cdef uint32_t index = r.first
    while index != NONE:
        if get_buffer(w, index).sw_if_index[SW_IF_INDEX_RX] == sw_if_index:
            return True
        index = fragment_of(w, index).following
    return False


# ---- control

class ReassemblyError(ControlError):
    """A setting that cannot be."""


cdef class Reassembly:
    """The fragments of one vswitch that wait."""

    def __cinit__(self, Ip4 ip4):
        self.ip4 = ip4
        self.main.fib = ip4.main.fib
        self.main.first_free = NONE
        self.main.most_buffers = ip4.graph.worker.pool.n_buffers // 2
        self.main.process = ip4.graph.add_process("ip4-reassembly-expire-walk", expire_walk, &self.main,
                                                  <uint64_t> -1)
        self.configure()

    def __dealloc__(self):
        bihash_free(&self.main.by_key, NW)
        free(self.main.slots)

    def configure(self, timeout_ms=TIMEOUT_MS, limit=LIMIT, most_fragments=MOST_FRAGMENTS, walk_ms=WALK_MS):
        """How long a packet's rest may take, how many may wait, of how many fragments, and how often to look.

        What waits already stays. Raises ReassemblyError.
        """
        for name, value in (("timeout", timeout_ms), ("limit", limit), ("number of fragments", most_fragments),
                            ("walk interval", walk_ms)):
            if not 0 < value < LONGEST_MS:
                raise ReassemblyError(f"the {name} must be from 1 to {LONGEST_MS - 1}, not {value}")
        self.grow(min(limit, self.ip4.graph.worker.pool.n_buffers))
        self.main.timeout_ns, self.main.walk_ns = timeout_ms * 1000000, walk_ms * 1000000
        self.main.limit, self.main.most_fragments = limit, most_fragments

    cdef grow(self, uint32_t n_slots):
        """Have at least so many slots, and a hash table that takes them without growing on the packet path."""
        cdef reassembly_main_t* rm = &self.main
        cdef bihash_t wider
        cdef uint32_t i
        if n_slots <= rm.n_slots:
            return
        slots = realloc(rm.slots, n_slots * sizeof(reassembly_t))
        if slots == NULL or bihash_init(&wider, NW, n_slots, 0) != 0:
            raise MemoryError(f"no memory for {n_slots} reassemblies")
        rm.slots = <reassembly_t*> slots
        bihash_free(&rm.by_key, NW)
        rm.by_key = wider
        for i in range(rm.n_slots):
            if rm.slots[i].in_use:
                bihash_add(&rm.by_key, rm.slots[i].key, bihash_hash(rm.slots[i].key, NW), i, NW)
        memset(&rm.slots[rm.n_slots], 0, (n_slots - rm.n_slots) * sizeof(reassembly_t))
        for i in reversed(range(rm.n_slots, n_slots)):
            rm.slots[i].following, rm.first_free = rm.first_free, i
        rm.n_slots = n_slots

    # ---- what waits

    def settings(self) -> dict:
        """As configure() takes them."""
        return {
            "timeout_ms": self.main.timeout_ns // 1000000, "limit": self.main.limit,
            "most_fragments": self.main.most_fragments, "walk_ms": self.main.walk_ns // 1000000,
        }

    def stats(self) -> dict:
        """Reassemblies under way, the most there may be, and buffers they hold."""
        return {"reassemblies": self.main.n_in_use, "limit": self.main.limit, "buffers": self.main.n_buffers}

    def buffers_held(self) -> int:
        """Buffers that wait here on purpose."""
        return self.main.n_buffers

    def release(self):
        """Free all that waits."""
        cdef uint32_t i
        for i in range(self.main.n_slots):
            if self.main.slots[i].in_use:
                give_up(self.ip4.graph.worker, &self.main, &self.main.slots[i])

    def interface_deleted(self, interface):
        """What came by an interface goes with it."""
        cdef uint32_t i, sw_if_index = interface.sw_if_index
        for i in range(self.main.n_slots):
            if self.main.slots[i].in_use and came_by(self.ip4.graph.worker, &self.main.slots[i], sw_if_index):
                give_up(self.ip4.graph.worker, &self.main, &self.main.slots[i])

    def listing(self) -> list:
        """Every reassembly as a dict, its fragments in the order of what they hold."""
        cdef uint32_t i
        return [self.describe(&self.main.slots[i]) for i in range(self.main.n_slots) if self.main.slots[i].in_use]

    cdef dict describe(self, reassembly_t* r):
        source, destination = (IPv4Address(pack("<I", word)) for word in (r.key[0] & NONE, r.key[0] >> 32))
        return {
            "number": r.number, "src": str(source), "dst": str(destination),
            "fragment_id": int.from_bytes(pack("<H", r.key[1] & 0xffff)), "protocol": r.key[1] >> 16 & 0xff,
            "fib_index": r.key[1] >> 32, "first_buffer": r.first, "data_length": r.data_length,
            "total_length": None if r.total_length == NONE else r.total_length, "operations": r.n_operations,
            "fragments": self.fragments(r),
        }

    cdef list fragments(self, reassembly_t* r):
        cdef uint32_t index = r.first
        cdef fragment_t* fragment
        found = []
        while index != NONE:
            fragment = fragment_of(self.ip4.graph.worker, index)
            found.append({
                "buffer": index, "first": fragment.first, "last": fragment.last, "range_first": fragment.range_first,
                "range_last": fragment.range_last, "length": range_length(fragment),
            })
            index = fragment.following
        return found
