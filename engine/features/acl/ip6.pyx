"""acl-plugin-in-ip6-fa and acl-plugin-out-ip6-fa: what the rules say of IPv6 packets.

The vswitch forwards no IPv6, whatever passes here is dropped behind it for that reason. So these nodes are plain: one
packet after the other, rules walked in order, and no session is made by permit+reflect, as no answer could use it.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from ...core.buffer cimport SW_IF_INDEX_RX, SW_IF_INDEX_TX, buffer_current, buffer_t
from ...core.features cimport Features, feature_next
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    Graph,
    count_error,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...core.trace cimport is_traced, trace_add
from ...wire.headers cimport IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, swap16
from ..l2.l2 cimport ETHERNET_HEADER, feature_slot
from .acl cimport (
    DIRECTION_INPUT,
    DIRECTION_OUTPUT,
    ERROR_CHECKED,
    ERROR_DENY,
    ERROR_PERMIT,
    KEY_FLAG_SLOW,
    KEY_FLAGS_SHIFT,
    KEY_INTERFACE_SHIFT,
    KEY_PROTOCOL_SHIFT,
    NEXT_DROP,
    PACKET_L4_VALID,
    PACKET_LATER_FRAGMENT,
    PACKET_TCP_FLAGS,
    AclState,
    acl_main_t,
)
from .keys cimport acl_trace_t, info_bits
from .rules cimport ACTION_DENY, NO_RULE, acl_context_t, acl_rule6_t

from .nodes import ERRORS
from .trace import FORMAT

cdef enum:
    IP6_HEADER = 40
    LEAST_L4 = 8
    MOST_EXTENSIONS = 8
    HOP_BY_HOP = 0
    ROUTING = 43
    FRAGMENT = 44
    ICMP6 = 58
    DESTINATION_OPTIONS = 60


ctypedef struct ip6_key_t:
    uint64_t addresses[4]
    uint16_t sport
    uint16_t dport
    uint8_t proto
    uint8_t tcp_flags
    uint8_t bits
    uint8_t key_flags


# ---- the packet's key -----------------------------------------------------------------------

cdef uint32_t skip_extensions(const uint8_t* ip, uint32_t length, ip6_key_t* key) noexcept nogil:
    """Offset of the L4 header, `length` if it is not in this buffer. Sets the protocol and the fragment bit."""
    cdef uint32_t offset = IP6_HEADER, _
    key.proto = ip[6]
    for _ in range(MOST_EXTENSIONS):
        if offset + LEAST_L4 > length:
            return length
        if key.proto == FRAGMENT:
            if ip[offset + 2] or ip[offset + 3] & 0xf8:
                key.bits = PACKET_LATER_FRAGMENT
            key.proto = ip[offset]
            offset += 8
        elif key.proto == HOP_BY_HOP or key.proto == ROUTING or key.proto == DESTINATION_OPTIONS:
            key.proto = ip[offset]
            offset += (ip[offset + 1] + 1) * 8
        else:
            break
    return offset


cdef void read_l4(const uint8_t* l4, ip6_key_t* key) noexcept nogil:
    cdef uint16_t ports[2]
    key.bits = PACKET_L4_VALID
    if key.proto == IP_PROTOCOL_TCP or key.proto == IP_PROTOCOL_UDP:
        memcpy(ports, l4, 4)
        key.sport, key.dport = swap16(ports[0]), swap16(ports[1])
        key.tcp_flags = l4[13]
        key.bits |= PACKET_TCP_FLAGS if key.proto == IP_PROTOCOL_TCP else 0
        return
    key.key_flags |= KEY_FLAG_SLOW
    if key.proto == ICMP6:
        key.sport, key.dport = l4[0], l4[1]


cdef void fill_key6(ip6_key_t* key, const uint8_t* ip, uint32_t length, int direction) noexcept nogil:
    """length: bytes from the IP header to the buffer's end."""
    cdef uint32_t offset
    memset(key, 0, sizeof(ip6_key_t))
    key.key_flags = direction
    memcpy(key.addresses, ip + 8, 32)
    offset = skip_extensions(ip, length, key)
    if not key.bits & PACKET_LATER_FRAGMENT and offset + LEAST_L4 <= length:
        read_l4(ip + offset, key)


# ---- rules ----------------------------------------------------------------------------------

cdef bint matches_l4(const acl_rule6_t* rule, const ip6_key_t* key, bint match_fragments) noexcept nogil:
    if rule.proto != key.proto:
        return False
    if key.bits & PACKET_LATER_FRAGMENT:
        return match_fragments
    if not key.bits & PACKET_L4_VALID:
        return False
    if not rule.sport_first <= key.sport <= rule.sport_last or not rule.dport_first <= key.dport <= rule.dport_last:
        return False
    return not key.bits & PACKET_TCP_FLAGS or (key.tcp_flags & rule.tcp_flags_mask) == rule.tcp_flags_value


cdef acl_rule6_t* find_rule(acl_context_t* context, const ip6_key_t* key, bint match_fragments) noexcept nogil:
    """The first rule that matches, or NULL."""
    cdef acl_rule6_t* rule
    cdef uint64_t differ
    cdef uint32_t i, k
    for i in range(context.n_rules6):
        rule = &context.rules6[i]
        differ = 0
        for k in range(4):
            differ |= (key.addresses[k] & rule.masks[k]) ^ rule.addresses[k]
        if differ == 0 and (rule.proto == 0 or matches_l4(rule, key, match_fragments)):
            context.hits6[i] += 1
            return rule
    return NULL


# ---- the nodes ------------------------------------------------------------------------------

cdef void trace_packet6(worker_t* w, node_t* node, buffer_t* b, const ip6_key_t* key, const acl_rule6_t* rule,
                        uint32_t sw_if_index, uint16_t next_index, int direction) noexcept nogil:
    cdef acl_main_t* m = <acl_main_t*> node.main
    cdef acl_trace_t* entry = <acl_trace_t*> trace_add(w, node, b, sizeof(acl_trace_t))
    cdef bint both = m.both_directions
    cdef uint64_t flags = key.key_flags if both else 0
    cdef uint64_t info = info_bits(key.bits, direction, both, True)
    entry.lc_index, entry.sw_if_index = m.interfaces[sw_if_index].lc_index[direction], sw_if_index
    memcpy(entry.words, key.addresses, 32)
    entry.words[4] = (key.sport | <uint64_t> key.dport << 16 | <uint64_t> key.proto << KEY_PROTOCOL_SHIFT
                      | flags << KEY_FLAGS_SHIFT | <uint64_t> (sw_if_index & 0xffff) << KEY_INTERFACE_SHIFT)
    entry.words[5] = ((entry.lc_index if both else sw_if_index) | <uint64_t> 0xffff << 32
                      | <uint64_t> key.tcp_flags << 48 | info << 56)
    entry.next_index, entry.direction = next_index, direction
    entry.acl_index = rule.acl_index if rule != NULL else <uint32_t> NO_RULE
    entry.rule_index = rule.rule_index if rule != NULL else <uint32_t> NO_RULE
    entry.action = rule.action if rule != NULL else <uint32_t> ACTION_DENY


cdef inline void acl_frame6(worker_t* w, node_t* node, frame_t* frame, int direction, bint l2) noexcept nogil:
    cdef acl_main_t* m = <acl_main_t*> node.main
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, offset, sw_if_index
    cdef ip6_key_t key
    cdef acl_rule6_t* rule
    cdef buffer_t* b
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        offset = ETHERNET_HEADER if l2 else 0 if direction == DIRECTION_INPUT else b.u.ip.save_rewrite_length
        sw_if_index = b.sw_if_index[SW_IF_INDEX_RX if direction == DIRECTION_INPUT else SW_IF_INDEX_TX]
        fill_key6(&key, buffer_current(b) + offset, b.current_length - offset, direction)
        rule = find_rule(m.contexts[m.interfaces[sw_if_index].lc_index[direction]], &key, m.match_fragments)
        if rule == NULL or rule.action == ACTION_DENY:
            set_error(b, node, ERROR_DENY)
            nexts[i] = NEXT_DROP
        else:
            count_error(w, node, ERROR_PERMIT, 1)
            nexts[i] = feature_slot(m.l2_nexts[direction], b.u.l2.feature_bitmap) if l2 else feature_next(w, b)
        if frame.flags & FRAME_TRACE and is_traced(b):
            trace_packet6(w, node, b, &key, rule, sw_if_index, nexts[i], direction)
    count_error(w, node, ERROR_CHECKED, frame.n_vectors)
    enqueue_frame(w, node, frame, nexts)


cdef void in_ip6(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame6(w, node, frame, DIRECTION_INPUT, False)


cdef void in_ip6_l2(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame6(w, node, frame, DIRECTION_INPUT, True)


cdef void out_ip6(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame6(w, node, frame, DIRECTION_OUTPUT, False)


cdef void out_ip6_l2(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    acl_frame6(w, node, frame, DIRECTION_OUTPUT, True)


def register(Graph graph, Features features, AclState state, l2):
    """The two nodes of the L2 path, and two more, as features of ip6-unicast and ip6-output."""
    graph.register("acl-plugin-out-ip6-l2", out_ip6_l2, &state.main, "internal", state.l2_next_nodes(l2, False), ERRORS,
                   None, None, FORMAT, 0)
    graph.register("acl-plugin-in-ip6-l2", in_ip6_l2, &state.main, "internal", state.l2_next_nodes(l2, True), ERRORS,
                   None, None, FORMAT, 0)
    graph.register("acl-plugin-out-ip6-fa", out_ip6, &state.main, "internal", ("error-drop",), ERRORS,
                   None, None, FORMAT, 0)
    graph.register("acl-plugin-in-ip6-fa", in_ip6, &state.main, "internal", ("error-drop",), ERRORS,
                   None, None, FORMAT, 0)
    features.add_feature("ip6-unicast", "acl-plugin-in-ip6-fa", ("ip6-not-enabled",))
    features.add_feature("ip6-output", "acl-plugin-out-ip6-fa")
