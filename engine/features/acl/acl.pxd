"""What the ACL nodes, the session table and the control plane share.

Words are named as in VPP: a *lookup context* is the rule list of one interface in one direction; a *session* is
the permission that a permit+reflect rule left behind for a flow and its answers.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.graph cimport Graph, process_t, worker_t
from ...tables.bihash cimport bihash_t
from ...tables.pool cimport POOL_NONE, pool_t
from .rules cimport acl_context_t

cdef enum:
    ACL_N_LISTS = 5             # session lists by class; 0 is unused, as in VPP 18.10
    CLASS_UDP_IDLE = 1          # UDP and whatever else is not TCP
    CLASS_TCP_IDLE = 2          # established
    CLASS_TCP_TRANSIENT = 3
    CLASS_PURGATORY = 4         # out of the hash table, waiting for its memory to be given back

cdef enum:
    DIRECTION_OUTPUT = 0
    DIRECTION_INPUT = 1

# acl_packet_t.bits: as the flags of a tuple_key_t
cdef enum:
    PACKET_L4_VALID = 1
    PACKET_TCP_FLAGS = 2
    PACKET_LATER_FRAGMENT = 4

# Second word of a key: sport, dport (u16 each), protocol (u8), these flags (u8), low half of sw_if_index (u16)
cdef enum:
    KEY_PROTOCOL_SHIFT = 32
    KEY_FLAGS_SHIFT = 40
    KEY_INTERFACE_SHIFT = 48
    KEY_FLAG_INPUT = 1
    KEY_FLAG_SLOW = 2           # a protocol other than TCP and UDP

cdef enum:
    EPOCH_IS_INPUT = 0x8000
    EPOCH_MASK = 0x7fff

# what a node counts, in the order in which they are registered; drops are counted where they end
cdef enum:
    ERROR_DENY = 0
    ERROR_PERMIT = 1
    ERROR_NEW_SESSION = 2
    ERROR_EXISTING_SESSION = 3
    ERROR_CHECKED = 4
    ERROR_RESTART_TIMER = 5
    ERROR_TOO_MANY_SESSIONS = 6
cdef enum:
    NEXT_DROP = 0

ctypedef struct acl_packet_t:
    # what a frame's first pass learns of a packet; half a cache line
    uint64_t key[2]             # addresses (source low), then the word above: as the session table has it
    uint32_t hash
    uint32_t sw_if_index
    uint32_t session            # POOL_NONE: none found
    uint16_t miss               # place among the frame's misses
    uint8_t tcp_flags
    uint8_t bits

ctypedef struct acl_session_t:
    # one cache line
    uint64_t key[2]             # the key under which the first packet was looked up
    uint64_t last_active_ns
    uint64_t link_enqueue_ns    # when it was put on its list
    uint32_t sw_if_index
    uint32_t link_next
    uint32_t link_prev
    uint16_t tcp_flags_seen     # low byte on output, high byte on input
    uint16_t policy_epoch
    uint32_t thread_index
    uint8_t list_id             # CLASS_*
    uint8_t tcp_flags           # of the first packet
    uint8_t bits
    uint8_t spare[9]

ctypedef struct acl_list_t:
    uint32_t head               # least recently queued
    uint32_t tail
    uint32_t n
    uint32_t spare

ctypedef struct acl_interface_t:
    uint32_t lc_index[2]        # by direction; POOL_NONE without a context
    uint32_t spare[2]
    uint16_t policy_epoch[2]    # by direction
    uint16_t has_epoch[2]       # whether an epoch was ever set: `show acl-plugin interface` tells
    uint64_t n_added
    uint64_t n_deleted
    uint64_t n_epoch_changes

ctypedef struct acl_main_t:
    bihash_t table              # IPv4 sessions, key of two words
    pool_t sessions
    acl_list_t lists[ACL_N_LISTS]
    acl_interface_t* interfaces     # by sw_if_index
    uint32_t n_interfaces
    uint32_t n_contexts
    acl_context_t** contexts    # by lc_index
    # policy of the profile
    bint both_directions        # two entries a session, deletion in two steps (18.10); else one, at once
    uint32_t class_base         # taken off a CLASS_* where traces print it
    uint32_t check_divisor      # a list is looked at after timeout / this
    uint32_t reserved_sessions  # never given out
    # settings
    uint64_t timeout_ns[ACL_N_LISTS]
    uint64_t max_sessions
    bint reclassify
    bint match_fragments        # rules with a protocol match later fragments by addresses and protocol
    bint use_hash
    # counters
    uint64_t n_added
    uint64_t n_deactivated
    uint64_t n_deleted
    uint64_t n_requeued         # by the cleaner, for they had been active
    uint64_t n_cleaned
    uint64_t most_entries       # of the hash table at any time
    uint64_t interval_ns        # of the cleaner
    worker_t* worker
    uint32_t process_index
    uint16_t l2_nexts[2][32]    # by direction and L2 feature bit: next indices of the nodes on the L2 path


cdef inline process_t* acl_cleaner(acl_main_t* m) noexcept nogil:
    return &m.worker.processes[m.process_index]


cdef inline acl_session_t* acl_session(acl_main_t* m, uint32_t index) noexcept nogil:
    return &(<acl_session_t*> m.sessions.elements)[index]


cdef class AclState:
    cdef acl_main_t main
    cdef Graph graph
    cdef readonly object profile
    cdef ensure_interface(self, uint32_t sw_if_index)
    cdef ensure_context(self, uint32_t lc_index)
    cdef keep_hits(self, acl_context_t* old, acl_context_t* new, uint32_t n, uint32_t n6)
    cdef acl_context_t* context(self, uint32_t lc_index) except NULL
    cdef tuple l2_next_nodes(self, object l2, bint is_input)
