"""Sessions: keys and the inline part of looking them up and keeping them alive."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.graph cimport worker_t
from ...tables.bihash cimport bihash_search
from .acl cimport (
    CLASS_TCP_IDLE,
    CLASS_TCP_TRANSIENT,
    CLASS_UDP_IDLE,
    EPOCH_IS_INPUT,
    KEY_PROTOCOL_SHIFT,
    POOL_NONE,
    acl_main_t,
    acl_packet_t,
    acl_session_t,
)

cdef enum:
    PROTOCOL_ICMP = 1
    PROTOCOL_TCP = 6
    SEEN_SYN_ACK_BOTH = 0x1212      # SYN and ACK, on output and on input
    SEEN_FIN_RST_ANY = 0x0505


cdef inline uint64_t swap_halves(uint64_t addresses) noexcept nogil:
    """Source and destination exchanged."""
    return addresses << 32 | addresses >> 32


cdef inline uint64_t swap_ports(uint64_t l4) noexcept nogil:
    return (l4 & 0xffffffff00000000U) | (l4 & 0xffff) << 16 | (l4 >> 16 & 0xffff)


cdef inline uint8_t key_protocol(uint64_t l4) noexcept nogil:
    return <uint8_t> (l4 >> KEY_PROTOCOL_SHIFT)


cdef inline int session_class(uint64_t l4, uint16_t tcp_flags_seen) noexcept nogil:
    """Established: SYN and ACK seen both ways, FIN and RST in neither."""
    if key_protocol(l4) != PROTOCOL_TCP:
        return CLASS_UDP_IDLE
    if tcp_flags_seen & SEEN_FIN_RST_ANY or (tcp_flags_seen & SEEN_SYN_ACK_BOTH) != SEEN_SYN_ACK_BOTH:
        return CLASS_TCP_TRANSIENT
    return CLASS_TCP_IDLE


cdef inline uint32_t session_find(acl_main_t* m, acl_packet_t* packet) noexcept nogil:
    cdef uint64_t value = POOL_NONE
    bihash_search(&m.table, packet.key, packet.hash, 2, &value)
    return <uint32_t> value


cdef inline uint16_t current_epoch(acl_main_t* m, uint32_t sw_if_index, int direction) noexcept nogil:
    return m.interfaces[sw_if_index].policy_epoch[direction] | (EPOCH_IS_INPUT if direction else 0)


cdef inline bint is_stale(acl_main_t* m, acl_session_t* session, uint32_t sw_if_index, int direction) noexcept nogil:
    """Made under an older policy of the same direction; the answers' direction does not judge."""
    cdef uint16_t now = current_epoch(m, sw_if_index, direction)
    return now != session.policy_epoch and not (now ^ session.policy_epoch) & EPOCH_IS_INPUT


cdef uint32_t session_add(acl_main_t* m, acl_packet_t* packet, int direction, uint64_t now_ns) noexcept nogil
cdef void session_delete(acl_main_t* m, uint32_t index, uint64_t now_ns) noexcept nogil
cdef void session_change_class(acl_main_t* m, uint32_t index, int new_class, uint64_t now_ns) noexcept nogil
cdef uint64_t sessions_clean(worker_t* w, void* main, uint64_t now_ns) noexcept nogil
cdef void sessions_of_interface_delete(acl_main_t* m, uint32_t sw_if_index, uint64_t now_ns) noexcept nogil
